import type { Epoch, Millis } from '@skein/protocol'
import type { Room, RoomPolicy } from '@skein/protocol/room'
import { errorFields, type Log } from '../../telemetry/log.ts'
import type { Timers } from '../../time/timers.ts'
import { KeyedMutex } from '../redis/keyed-mutex.ts'
import { inboxChannel, roomKey } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { commitScript } from '../redis/scripts.ts'
import { affectedNodes, effectsFor } from './delivery.ts'
import type { StoreClock } from './redis-clock.ts'
import {
  type CommitBase,
  commitBaseOf,
  readCommitReply,
  type StoredState,
} from './redis-commit-base.ts'
import { roomFormat, writeRoom } from './room-document.ts'
import { readRoomUpdate, writeRoomUpdate } from './room-update.ts'
import type { Change, Commit, Store, StoreLife, UpdateOptions, UpdateResult } from './store.ts'

export interface RedisStoreOptions {
  readonly redis: Commands
  readonly clock: StoreClock
  /** This node's current name. */
  readonly node: () => string
  readonly life: () => StoreLife
  /** The identity of the store that replied last; `changed` is called when another one replies. */
  readonly identity: { readonly get: () => string; readonly changed: (identity: string) => void }
  /** Rejects while the store cannot be used. */
  readonly probe: () => Promise<void>
  /** For every room that is read: it is not stored. */
  readonly policy: RoomPolicy
  /** How long Redis keeps a room that does not change. */
  readonly roomTtlMs: Millis
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
}

/**
 * Rooms in Redis, one hash for each. A single script commits a change and publishes it to the other
 * nodes.
 */
export class RedisStore implements Store {
  readonly #options: RedisStoreOptions
  readonly #mutex = new KeyedMutex()
  #receiver: (commit: Commit) => void = () => {}
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

  /** Handles a room update from the inbox: another node changed a room. */
  receive(message: Buffer): void {
    try {
      this.#receiver(readRoomUpdate(message, this.#options.policy))
    } catch (error) {
      this.#options.log.error(errorFields(error), 'invalid room update from another node')
    }
  }

  update<Outcome>(options: UpdateOptions<Outcome>): Promise<UpdateResult<Outcome>> {
    return this.#mutex.run(options.name, () => this.#update(options))
  }

  async probe(): Promise<void> {
    await this.#options.probe()
  }

  async close(): Promise<void> {
    await this.#options.redis.close()
  }

  async #update<Outcome>(options: UpdateOptions<Outcome>): Promise<UpdateResult<Outcome>> {
    if (!this.#options.clock.isSet) throw new Error('The store has not answered yet.')
    let stored: StoredState | null = null
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (attempt > immediateAttempts) await this.#backOff(attempt)
      const result: StoredState | UpdateResult<Outcome> = await this.#attempt(options, stored)
      if ('outcome' in result) return result
      stored = result
    }
    throw new Error('Other nodes always committed first.')
  }

  #backOff(attempt: number): Promise<void> {
    const { timers, random } = this.#options
    return new Promise((resolve) => timers.after(random() * 2 ** Math.min(attempt, 5), resolve))
  }

  /** Tries to commit once. Returns what is stored if that is not what the change was based on. */
  async #attempt<Outcome>(
    { name, known, change }: UpdateOptions<Outcome>,
    stored: StoredState | null,
  ): Promise<StoredState | UpdateResult<Outcome>> {
    const { clock, identity } = this.#options
    const now = clock.now()
    const commitBase = commitBaseOf({ known, stored, identity: identity.get(), now })
    const { isReplaced, lastKnownRoom, room: before } = commitBase
    if (isReplaced && stored === null) return this.#read(name)
    const epoch = Math.max(commitBase.storeTime, commitBase.epochFloor + 1)
    const awayUntil = this.#awayUntil(now)
    const changed = change(before, { now, epoch, isReplaced, lastKnownRoom, awayUntil })
    // A new epoch needs the store's actual clock: by an estimate, two lives of the store could give
    // out the same one.
    const isNewEpoch = epochOf(changed.room) > epochOf(before)
    if (isNewEpoch && stored === null) return this.#read(name)
    const prepared = this.#prepare({ name, commitBase, changed, now })
    const conflicting = await this.#runCommitScript(name, prepared.args)
    if (conflicting !== null) {
      this.racesLost += 1
      return conflicting
    }
    this.#receiver({ ...prepared.commit, name })
    return { outcome: changed.outcome, now }
  }

  /** Reads a room, by a commit that expects a version that cannot exist. */
  async #read(name: string): Promise<StoredState> {
    const args = [impossibleVersion, '', '0', '0', '', ...['', '', '', '', '']]
    const stored = await this.#runCommitScript(name, args)
    if (stored === null) throw new Error('The store committed an impossible version.')
    return stored
  }

  /** Returns `null` when the change was committed, and otherwise what is stored. */
  async #runCommitScript(name: string, args: readonly string[]): Promise<StoredState | null> {
    const { clock, identity, redis, policy } = this.#options
    const sentAt = this.#options.timers.now()
    const { now, stored } = readCommitReply(
      await commitScript.run(redis, { key: roomKey(name), args }),
      policy,
    )
    clock.observe(now, sentAt)
    if (stored !== null && stored.identity !== identity.get()) identity.changed(stored.identity)
    return stored
  }

  /** By the store's clock: until when no member could have resumed. */
  #awayUntil(now: Millis): Millis | null {
    const { healthySince, recoveredAt } = this.#options.redis
    if (healthySince === null) return now
    return recoveredAt === null ? null : now - (this.#options.timers.now() - recoveredAt)
  }

  #prepare<Outcome>({ name, commitBase, changed, now }: CommitInput<Outcome>): PreparedCommit {
    const { identity, node, roomTtlMs } = this.#options
    const { room, effects } = changed
    const store = identity.get()
    const { isUnchanged, version, base } = versionsOf(commitBase, room)
    const self = node()
    const text = isUnchanged ? '' : writeRoom(room)
    const others = [...affectedNodes(commitBase.room, room)].filter((each) => each !== self)
    const update = { name, version, base, store }
    const publications = (isUnchanged ? [] : others).flatMap((each) => [
      inboxChannel(each),
      writeRoomUpdate({ ...update, effects: effectsFor(effects, each) }),
    ])
    const ttlMs = room === null ? endedRoomTtlMs : roomTtlMs
    const epoch = Math.max(commitBase.epochFloor, epochOf(room), epochOf(commitBase.room))
    return {
      args: [
        ...[
          String(commitBase.expectedVersion),
          commitBase.expectedStore,
          String(now),
          String(clockToleranceMs),
          store,
        ],
        ...[isUnchanged ? '' : String(version), roomFormat, String(epoch), text, String(ttlMs)],
        ...publications,
      ],
      commit: { room, version, base, store, effects: effectsFor(effects, self), isOwn: true },
    }
  }
}

/** The versions before and after a change. They are equal when there is nothing to write. */
const versionsOf = (
  commitBase: CommitBase,
  room: Room | null,
): { readonly isUnchanged: boolean; readonly version: number; readonly base: number | null } => {
  const { isReplaced, isBehind, lastKnownRoom, version, nextVersion } = commitBase
  const isUnchanged = room === commitBase.room && !isReplaced && !isBehind
  if (isUnchanged) return { isUnchanged, version, base: version }
  // After a recovery other nodes may not know the base version, so the commit must not need one.
  const isSelfContained = isReplaced || isBehind || lastKnownRoom !== null
  return { isUnchanged, version: nextVersion, base: isSelfContained ? null : version }
}

const epochOf = (room: Room | null): Epoch => room?.epoch ?? 0

interface CommitInput<Outcome> {
  readonly name: string
  readonly commitBase: CommitBase
  readonly changed: Change<Outcome>
  readonly now: Millis
}

interface PreparedCommit {
  /** For the commit script. */
  readonly args: readonly string[]
  readonly commit: Omit<Commit, 'name'>
}

/**
 * How far the store's clock may be from the clock of a change. A change that times out and is
 * executed later than this does nothing, so undoing it has to wait longer than this.
 */
const clockToleranceMs: Millis = 900
/**
 * How long the end of a room is remembered, so that the next one has a higher epoch and version.
 */
const endedRoomTtlMs: Millis = 600_000
const maxAttempts = 30
const immediateAttempts = 2
/** Not a number, so no stored room has it. */
const impossibleVersion = '-'
