import type { Room, RoomEffect } from '@skein/protocol/room'
import type { Commit, RoomVersion } from '../backbone/store/store.ts'

/**
 * Puts the commits of one room in order: own ones and those of other nodes come by different ways.
 * Whatever does not follow on what came last waits for what is missing.
 */
export class CommitOrder {
  #now: RoomVersion | null = null
  #newest: RoomVersion | null = null
  #held: Commit[] = []

  /** The room as of the last commit in order. */
  get snapshot(): Room | null {
    return this.#now?.room ?? null
  }

  /** The newest that is known of it, in order or not. */
  get known(): RoomVersion | null {
    return this.#newest
  }

  /** Whether something is missing. */
  get isBehind(): boolean {
    return this.#held.length > 0
  }

  /**
   * What is to be done now, in order. `isAsking`: an own change is on its way, and what it answers
   * comes before anything that follows on it.
   */
  accept(commit: Commit, { isAsking }: { readonly isAsking: boolean }): readonly Commit[] {
    if (this.#newest === null || commit.version >= this.#newest.version) this.#newest = commit
    if (this.#isNext(commit, isAsking)) return [this.#take(commit), ...this.#release()]
    if (!isAfter(commit, this.#now?.version)) return answersOf(commit)
    this.#held.push(commit)
    return []
  }

  /**
   * Gives up what is missing: from now on the newest is what was last. Gives back what somebody here
   * was answered meanwhile.
   */
  catchUp(): readonly RoomEffect[] {
    const answers = this.#held.flatMap(answersOf)
    this.#held = []
    this.#now = this.#newest
    return answers.flatMap(({ effects }) => effects)
  }

  #isNext({ base, version, isOwn }: Commit, isAsking: boolean): boolean {
    if (this.#now === null || this.#now.room === null) {
      const isOld = this.#now !== null && version < this.#now.version
      return !isOld && (isOwn || !isAsking)
    }
    if (base === null) return version > this.#now.version && (isOwn || !isAsking)
    return base === this.#now.version
  }

  #take(commit: Commit): Commit {
    this.#now = commit
    return commit
  }

  #release(): readonly Commit[] {
    const at = this.#now?.version
    const passed = this.#held.filter((each) => !isAfter(each, at))
    const later = this.#held.filter((each) => isAfter(each, at))
    const next = later.find(({ base }) => base === at || base === null)
    this.#held = later.filter((each) => each !== next)
    const answers = passed.flatMap(answersOf)
    return next === undefined ? answers : [...answers, this.#take(next), ...this.#release()]
  }
}

/**
 * What is left of a commit that brings the room nothing new: it found nothing to change, or news that
 * stand on their own have overtaken it. Somebody here may wait for its answer all the same.
 */
const answersOf = (commit: Commit): readonly Commit[] => {
  const effects = commit.isOwn ? commit.effects.filter(isAnswer) : []
  return effects.length === 0 ? [] : [{ ...commit, base: commit.version, effects }]
}

/** What concerns nobody but who asked. */
const isAnswer = (effect: RoomEffect): boolean =>
  effect.type === 'refuse' || (effect.type === 'send' && effect.message.type === 'error')

const isAfter = ({ version }: Commit, at: number | undefined): boolean =>
  at === undefined || version > at
