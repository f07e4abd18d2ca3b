import { randomBytes } from 'node:crypto'
import type { Millis } from '@skein/protocol'
import type { Log } from '../../telemetry/log.ts'
import { lifeKey } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { lifeScript, noIdentity } from '../redis/scripts.ts'
import type { StoreClock } from './redis-clock.ts'
import type { StoreLife } from './store.ts'

/** Tracks which store this node talks to, and notices when it is replaced. */
export class StoreWatch {
  readonly #redis: Commands
  readonly #clock: StoreClock
  readonly #onReplaced: () => void
  readonly #log: Log
  #isMissingIdentityLogged = false
  #identity = ''
  #lifeSince = Number.POSITIVE_INFINITY
  #life: StoreLife = { id: '', bornAt: null, mayHaveForked: true }
  #failure: unknown = new Error('The store has not answered yet.')

  constructor(options: {
    readonly redis: Commands
    readonly clock: StoreClock
    /** Called when another store, or a wiped one, replies: its rooms may have changed. */
    readonly onReplaced: () => void
    readonly log: Log
  }) {
    this.#redis = options.redis
    this.#clock = options.clock
    this.#onReplaced = options.onReplaced
    this.#log = options.log
  }

  /** Identity of the store that replied last; empty before the first reply. */
  get identity(): string {
    return this.#identity
  }

  /** Since when this node has known the current life, by `performance.now()`. */
  get lifeSince(): number {
    return this.#lifeSince
  }

  get life(): StoreLife {
    return this.#life
  }

  /** Called when a reply to a commit came from another store. */
  identityChanged(identity: string): void {
    this.#identity = identity
    this.refresh().catch(() => {})
  }

  /** Rejects when the store does not answer, or did not accept the latest write. */
  async probe(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    await this.#redis.send(['PING'])
  }

  /** Asks the store for its identity and life; rejects when the store cannot be used. */
  async refresh(): Promise<void> {
    try {
      await this.#runLifeScript()
      this.#failure = null
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  async #runLifeScript(): Promise<void> {
    const sentAt = performance.now()
    const args = [randomBytes(6).toString('hex'), String(lifeTtlMs)]
    const reply = await lifeScript.run(this.#redis, { key: lifeKey, args })
    if (!Array.isArray(reply)) throw new Error('Unexpected reply from Redis.')
    const [now, identity, id]: readonly unknown[] = reply
    if (identity === noIdentity) throw this.#missingIdentity()
    this.#clock.observe(Number(now), sentAt)
    this.#identity = String(identity)
    if (String(id) === this.#life.id) return
    const isFirst = this.#life.id === ''
    this.#lifeSince = performance.now()
    this.#life = { id: String(id), bornAt: bornAtOf(String(id)), mayHaveForked: true }
    if (!isFirst) this.#onReplaced()
  }

  /** Without an identity, a failover would lose changes of rooms unnoticed. */
  #missingIdentity(): Error {
    const log = this.#log
    if (!this.#isMissingIdentityLogged) {
      log.error('redis does not report its identity; storing no rooms')
    }
    this.#isMissingIdentityLogged = true
    return new Error('INFO has no run_id or no master_replid2.')
  }
}

/** Longer than any token is valid. */
const lifeTtlMs: Millis = 7 * 24 * 3_600_000

/** The last part of the ID of a life is the time when it started. */
const bornAtOf = (id: string): Millis => Number(id.split(':').at(-1))
