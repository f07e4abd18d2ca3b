import { randomBytes } from 'node:crypto'
import type { Millis } from '@skein/protocol'
import type { Log } from '../../telemetry/log.ts'
import { lifeKey } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { lifeScript, nameless } from '../redis/scripts.ts'
import type { StoreClock } from './redis-clock.ts'
import type { StoreLife } from './store.ts'

/** Which store it is that this node talks to, and since when. */
export class StoreWatch {
  readonly #redis: Commands
  readonly #clock: StoreClock
  readonly #changed: () => void
  readonly #log: Log
  #isNamelessSaid = false
  #identity = ''
  #knownSince = Number.POSITIVE_INFINITY
  #life: StoreLife = { id: '', bornAt: null }
  #failure: unknown = new Error('The store has not answered yet.')

  constructor(options: {
    readonly redis: Commands
    readonly clock: StoreClock
    /** It is another one: what is in it may not be what was in it. */
    readonly changed: () => void
    readonly log: Log
  }) {
    this.#redis = options.redis
    this.#clock = options.clock
    this.#changed = options.changed
    this.#log = options.log
  }

  get identity(): string {
    return this.#identity
  }

  /** Since when it is this life, for this node, by `performance.now()`. */
  get knownSince(): number {
    return this.#knownSince
  }

  get life(): StoreLife {
    return this.#life
  }

  /** An answer came from another one. */
  replaced(identity: string): void {
    this.#identity = identity
    this.look().catch(() => {})
  }

  /** Rejects when it does not answer, or did not take the last thing that was written to it. */
  async probe(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    await this.#redis.send(['PING'])
  }

  /** Asks the store who it is. */
  async look(): Promise<void> {
    try {
      await this.#ask()
      this.#failure = null
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now()
    const words = [randomBytes(6).toString('hex'), String(rememberMs)]
    const answer = await lifeScript.run(this.#redis, { key: lifeKey, words })
    if (!Array.isArray(answer)) throw new Error('Redis gave an answer that is none.')
    const [now, identity, id]: readonly unknown[] = answer
    if (identity === nameless) throw this.#rejection()
    this.#clock.observe(Number(now), askedAt)
    this.#identity = String(identity)
    if (String(id) === this.#life.id) return
    const isFirst = this.#life.id === ''
    this.#knownSince = performance.now()
    this.#life = { id: String(id), bornAt: bornAtOf(String(id)) }
    if (!isFirst) this.#changed()
  }

  /** Rooms on it would lose what a failover loses, and nobody would know. */
  #rejection(): Error {
    const log = this.#log
    if (!this.#isNamelessSaid) log.error('redis does not report its identity; storing no rooms')
    this.#isNamelessSaid = true
    return new Error('INFO has no run_id or no master_replid2.')
  }
}

/** Longer than any token lives. */
const rememberMs: Millis = 7 * 24 * 3_600_000

/** The last part of the name of a life. */
const bornAtOf = (id: string): Millis => Number(id.split(':').at(-1))
