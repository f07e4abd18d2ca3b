import { setTimeout as wait } from 'node:timers/promises'
import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { KeyedMutex } from '../redis/keyed-mutex.ts'
import { inboxOf, roomKey } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { commitScript } from '../redis/scripts.ts'
import { effectsFor, nodesConcerned } from './delivery.ts'
import type { StoreClock } from './redis-clock.ts'
import {
  type CommitBase,
  commitBaseOf,
  readStoredState,
  type StoredState,
} from './redis-commit-base.ts'
import { roomFormat, writeRoom } from './room-document.ts'
import { readNews, writeNews } from './room-news.ts'
import type { Change, Commit, Store, StoreLife, Updated, UpdateOptions } from './store.ts'

export interface RedisStoreOptions {
  readonly redis: Commands
  readonly clock: StoreClock
  /** This node's name at the moment. */
  readonly node: () => string
  readonly life: () => StoreLife
  /** Which store answered last; and that another one did now. */
  readonly identity: { readonly get: () => string; readonly changed: (identity: string) => void }
  /** Rejects while the store cannot be used. */
  readonly probe: () => Promise<void>
  /** How long a room is remembered that nobody changes. */
  readonly keepMs: Millis
  readonly log: Log
}

/** Rooms in Redis: a hash each, changed by one script that also tells the other nodes. */
export class RedisStore implements Store {
  readonly #options: RedisStoreOptions
  readonly #mutex = new KeyedMutex()
  #receiver: (commit: Commit) => void = () => {}
  #lastEpoch: Epoch = 0
  /** How often another node was faster. */
  racesLost = 0

  constructor(options: RedisStoreOptions) {
    this.#options = options
  }

  get life(): StoreLife {
    return this.#options.life()
  }

  now(): Millis {
    return this.#options.clock.now()
  }

  subscribe(receiver: (commit: Commit) => void): void {
    this.#receiver = receiver
  }

  /** News of a change by another node. */
  receive(message: Buffer): void {
    try {
      this.#receiver(readNews(message))
    } catch (error) {
      this.#options.log.error(errorFields(error), 'invalid room update from another node')
    }
  }

  update<Outcome>(options: UpdateOptions<Outcome>): Promise<Updated<Outcome>> {
    return this.#mutex.run(options.name, () => this.#update(options))
  }

  async probe(): Promise<void> {
    await this.#options.probe()
  }

  async close(): Promise<void> {
    await this.#options.redis.close()
  }

  async #update<Outcome>(options: UpdateOptions<Outcome>): Promise<Updated<Outcome>> {
    if (!this.#options.clock.isSet) throw new Error('The store has not answered yet.')
    let found: StoredState | null = null
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (attempt > patientAttempts) await wait(Math.random() * 2 ** Math.min(attempt, 5))
      const result: StoredState | Updated<Outcome> = await this.#attempt(options, found)
      if ('outcome' in result) return result
      found = result
    }
    throw new Error('Other nodes were always faster.')
  }

  /** One try on what is known; or what there is instead of that. */
  async #attempt<Outcome>(
    { name, known, change }: UpdateOptions<Outcome>,
    found: StoredState | null,
  ): Promise<StoredState | Updated<Outcome>> {
    const { clock, identity } = this.#options
    const now = clock.now()
    const commitBase = commitBaseOf({ known, found, identity: identity.get(), now })
    const { isReplaced, lastKnownRoom, room: before } = commitBase
    // Epochs and leaps are by the time: not by what it is only thought to be.
    if ((before === null || isReplaced) && found === null) return this.#look(name)
    const epoch = Math.max(commitBase.askedAt, this.#lastEpoch + 1, commitBase.epochFloor + 1)
    const moment = { now, epoch, isReplaced, lastKnownRoom, awayUntil: this.#awayUntil(now) }
    const changed = change(before, moment)
    if (before === null) this.#lastEpoch = epoch
    const written = this.#wordsFor({ name, commitBase, changed, now })
    const instead = await this.#send(name, written.words)
    if (instead !== null) {
      this.racesLost += 1
      return instead
    }
    this.#receiver({ ...written.commit, name })
    return { outcome: changed.outcome, now }
  }

  /** What there is. */
  async #look(name: string): Promise<StoredState> {
    const found = await this.#send(name, [noVersion, '', '0', '0', '', ...['', '', '', '', '']])
    if (found === null) throw new Error('The store has a room of no version.')
    return found
  }

  /** `null`: it is done. */
  async #send(name: string, words: readonly string[]): Promise<StoredState | null> {
    const { clock, identity, redis } = this.#options
    const askedAt = performance.now()
    const { now, found } = readStoredState(
      await commitScript.run(redis, { key: roomKey(name), words }),
    )
    clock.observe(now, askedAt)
    if (found !== null && found.identity !== identity.get()) identity.changed(found.identity)
    return found
  }

  /** Until when nobody could come back. */
  #awayUntil(now: Millis): Millis | null {
    const { soundSince, troubledUntil } = this.#options.redis
    if (soundSince === null) return now
    return troubledUntil === null ? null : now - (performance.now() - troubledUntil)
  }

  #wordsFor<Outcome>({ name, commitBase, changed, now }: Writing<Outcome>): Written {
    const { identity, node, keepMs } = this.#options
    const { room, effects } = changed
    const store = identity.get()
    const { isSame, version, base } = versionsOf(commitBase, room)
    const self = node()
    const text = isSame ? '' : writeRoom(room)
    const others = [...nodesConcerned(commitBase.room, room)].filter((each) => each !== self)
    const news = { name, version, base, store }
    const told = (isSame ? [] : others).flatMap((each) => [
      inboxOf(each),
      writeNews({ ...news, effects: effectsFor(effects, each) }),
    ])
    const life = room === null ? endedMs : keepMs
    const epoch = Math.max(commitBase.epochFloor, epochOf(room), epochOf(commitBase.room))
    return {
      words: [
        ...[
          String(commitBase.foundVersion),
          commitBase.foundStore,
          String(now),
          String(toleranceMs),
          store,
        ],
        ...[isSame ? '' : String(version), roomFormat, String(epoch), text, String(life)],
        ...told,
      ],
      commit: { room, version, base, store, effects: effectsFor(effects, self), isOwn: true },
    }
  }
}

/** From which version to which the room goes; the same, when there is nothing to write. */
const versionsOf = (
  commitBase: CommitBase,
  room: Room | null,
): { readonly isSame: boolean; readonly version: number; readonly base: number | null } => {
  const isSame = room === commitBase.room && !commitBase.isReplaced && !commitBase.isBehind
  if (isSame) return { isSame, version: commitBase.version, base: commitBase.version }
  // Who is told by a node that remembers more than the store may not know what it follows on.
  const isWhole = commitBase.isReplaced || commitBase.isBehind || commitBase.lastKnownRoom !== null
  return { isSame, version: commitBase.nextVersion, base: isWhole ? null : commitBase.version }
}

const epochOf = (room: Room | null): Epoch => room?.epoch ?? 0

interface Writing<Outcome> {
  readonly name: string
  readonly commitBase: CommitBase
  readonly changed: Change<Outcome>
  readonly now: Millis
}

interface Written {
  readonly words: readonly string[]
  readonly commit: Omit<Commit, 'name'>
}

/**
 * By how much the clock of a change may be off. A change that was given up and is carried out later
 * than that does nothing: whoever undoes it waits longer.
 */
const toleranceMs: Millis = 900
/** How long it is remembered that a room ended: the next one has a higher epoch and version. */
const endedMs: Millis = 600_000
const maxAttempts = 30
/** What no room has. */
const noVersion = '-'
const patientAttempts = 2
