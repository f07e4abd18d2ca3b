import type { Room, RoomEffect } from '@skein/protocol/room'
import type { Commit, RoomVersion } from '../backbone/store/store.ts'

/**
 * Puts the commits of one room in order. Own commits and those of other nodes arrive by different
 * routes; a commit whose base is missing is held back until the base arrives.
 */
export class CommitOrder {
  #current: RoomVersion | null = null
  #newest: RoomVersion | null = null
  #held: Commit[] = []

  /** The room as of the last commit in order. */
  get snapshot(): Room | null {
    return this.#current?.room ?? null
  }

  /** The newest version received, in order or not. */
  get newest(): RoomVersion | null {
    return this.#newest
  }

  /** Whether commits are held back because an earlier one is missing. */
  get hasGap(): boolean {
    return this.#held.length > 0
  }

  /**
   * Returns the commits to apply now, in order. `isCommitting`: an own change is being committed,
   * and its replies must be applied before any commit that is based on it.
   */
  accept(commit: Commit, { isCommitting }: { readonly isCommitting: boolean }): readonly Commit[] {
    if (this.#newest === null || commit.version >= this.#newest.version) this.#newest = commit
    if (this.#isNext(commit, isCommitting)) {
      return [this.#advanceTo(commit), ...this.#release(isCommitting)]
    }
    if (!isAfter(commit, this.#current?.version)) return repliesOf(commit)
    this.#held.push(commit)
    return []
  }

  /**
   * Gives up missing commits and continues from the newest version. Returns the replies to clients
   * of this node that were held back.
   */
  skipToNewest(): readonly RoomEffect[] {
    const replies = this.#held.flatMap(repliesOf)
    this.#held = []
    this.#current = this.#newest
    return replies.flatMap(({ effects }) => effects)
  }

  #isNext({ base, version, isOwn }: Commit, isCommitting: boolean): boolean {
    if (this.#hasNoRoom) {
      const isOld = this.#current !== null && version < this.#current.version
      return !isOld && (isOwn || !isCommitting)
    }
    if (this.#current === null) return false
    if (base === null) return version > this.#current.version && (isOwn || !isCommitting)
    return base === this.#current.version
  }

  #advanceTo(commit: Commit): Commit {
    this.#current = commit
    return commit
  }

  /** Applies held commits as far as they are in order. */
  #release(isCommitting: boolean): readonly Commit[] {
    const version = this.#current?.version
    const overtaken = this.#held.filter((each) => !isAfter(each, version))
    const later = this.#held.filter((each) => isAfter(each, version)).sort(byVersion)
    // Where the room has ended, the first commits of the next one may not concern this node.
    const isStart = ({ isOwn }: Commit): boolean => this.#hasNoRoom && (isOwn || !isCommitting)
    const next = later.find((each) => each.base === version || each.base === null || isStart(each))
    this.#held = later.filter((each) => each !== next)
    const replies = overtaken.flatMap(repliesOf)
    if (next === undefined) return replies
    return [...replies, this.#advanceTo(next), ...this.#release(isCommitting)]
  }

  get #hasNoRoom(): boolean {
    return this.#current === null || this.#current.room === null
  }
}

/**
 * The part of a commit that still matters when the room is already at its version or a later one,
 * because the commit changed nothing or a self-contained commit overtook it: its replies.
 */
const repliesOf = (commit: Commit): readonly Commit[] => {
  const effects = commit.isOwn ? commit.effects.filter(isReply) : []
  return effects.length === 0 ? [] : [{ ...commit, base: commit.version, effects }]
}

/** A reply concerns only the client that sent the input. */
const isReply = (effect: RoomEffect): boolean =>
  effect.type === 'refuse' || (effect.type === 'send' && effect.message.type === 'error')

const byVersion = (a: Commit, b: Commit): number => a.version - b.version

const isAfter = ({ version }: Commit, other: number | undefined): boolean =>
  other === undefined || version > other
