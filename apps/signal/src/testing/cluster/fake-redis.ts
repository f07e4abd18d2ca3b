import type { CommandArgs, Commands } from '../../backbone/redis/redis-connection.ts'

import type { Timers } from '../../time/timers.ts'

/** The stored fields of a room hash. */
interface StoredRoom {
  readonly version: string
  readonly store: string
  readonly format: string
  readonly epoch: string
  readonly text: string
}

/** A published message that has not been delivered to its node yet. */
export interface PendingMessage {
  readonly channel: string
  readonly message: Buffer
}

/**
 * Emulates the commit script with its own clock. Published messages stay pending until the test
 * delivers them. A test can snapshot the data and restore the snapshot later, as when a lagging
 * replica is promoted.
 */
export class FakeRedis {
  readonly #timers: Pick<Timers, 'now'>
  #aheadMs = 0
  identity = 'store-1'
  /** When this incarnation started; `null` for the first one. */
  bornAt: number | null = null
  pending: PendingMessage[] = []
  /** Decides for each command whether it is executed and whether its reply arrives. */
  fate: () => 'replied' | 'reply lost' | 'not executed' = () => 'replied'
  #rooms = new Map<string, StoredRoom>()
  #replica = new Map<string, StoredRoom>()
  #incarnations = 1

  constructor(timers: Pick<Timers, 'now'>) {
    this.#timers = timers
  }

  /** The current time of this Redis. */
  get now(): number {
    return Math.floor(this.#timers.now() + this.#aheadMs)
  }

  /** Moves this clock forward, and not those of the nodes. */
  advance(ms: number): void {
    this.#aheadMs += ms
  }

  /** Brings the replica up to date. */
  replicate(): void {
    this.#replica = new Map(this.#rooms)
  }

  /** Promotes the replica with the data it has. */
  failOver(): void {
    this.#rooms = new Map(this.#replica)
    this.#startIncarnation()
  }

  /** Restarts without data. */
  restartEmpty(): void {
    this.#rooms = new Map()
    this.#replica = new Map()
    this.#startIncarnation()
  }

  textOf(key: string): string | null {
    return this.#rooms.get(key)?.text ?? null
  }

  /** Opens a connection to this Redis. */
  connect(): Commands {
    return {
      send: (words) => this.#send(words),
      healthySince: 0,
      recoveredAt: null,
      close: async () => {},
    }
  }

  #startIncarnation(): void {
    this.advance(startMs)
    this.bornAt = this.now
    this.#incarnations += 1
    this.identity = `store-${this.#incarnations}`
  }

  async #send(words: CommandArgs): Promise<unknown> {
    const fate = this.fate()
    if (fate === 'not executed') throw new Error('Redis was not reached.')
    const [, , , key, ...rest] = words.map(String)
    const reply = this.#commit(String(key), rest)
    if (fate === 'reply lost') throw new Error('Redis did not reply.')
    return reply
  }

  #commit(key: string, args: readonly string[]): readonly unknown[] {
    const [version, store, now, tolerance, identity, next = '', format, epoch, text] = args
    const stored = this.#rooms.get(key) ?? emptyRoom
    const isLate = Math.abs(this.now - Number(now)) > Number(tolerance)
    const isAsKnown = stored.version === version && stored.store === store
    if (!isAsKnown || identity !== this.identity || isLate) {
      const { format: as, epoch: from } = stored
      return [
        0,
        String(this.now),
        this.identity,
        stored.version,
        stored.store,
        as,
        from,
        stored.text,
      ]
    }
    if (next !== '') {
      this.#rooms.set(key, {
        version: next,
        store: this.identity,
        format: String(format),
        epoch: String(epoch),
        text: String(text),
      })
    }
    for (let at = 10; at < args.length; at += 2) {
      const message = Buffer.from(`${args[at + 1]}${text}`)
      this.pending.push({ channel: String(args[at]), message })
    }
    return [1, String(this.now)]
  }
}

/** A restart takes longer than the clocks of the nodes differ. */
const startMs = 50

const emptyRoom: StoredRoom = { version: '0', store: '', format: '', epoch: '', text: '' }
