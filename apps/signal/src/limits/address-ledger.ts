import type { Millis } from '@skein/protocol'
import type { AddressKey } from './client-address.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The limits for one address. */
export interface AddressLimits {
  readonly maxConnections: number
  readonly joins: Rate
  /** Requests to `POST /leave`. */
  readonly leaves: Rate
  /** Frames of all connections together; a large frame counts as several. */
  readonly frames: Rate
  readonly turnCredentials: Rate
}

/** The connections and the remaining tokens of one address. */
export interface AddressAccount {
  readonly key: string
  connections: number
  readonly joins: TokenBucket
  readonly leaves: TokenBucket
  readonly frames: TokenBucket
  readonly turnCredentials: TokenBucket
}

/** Counts and rate-limits by address. The account is `null` for an address that is not counted. */
export class AddressLedger {
  readonly #limits: AddressLimits
  readonly #accounts = new Map<string, AddressAccount>()

  constructor(limits: AddressLimits) {
    this.#limits = limits
  }

  /** Counts a new connection; `rejected` when the address has too many. */
  connect(key: AddressKey, now: Millis): AddressAccount | null | 'rejected' {
    if (key === null) return null
    const account = this.#accountFor(key, now)
    if (account.connections >= this.#limits.maxConnections) return 'rejected'
    account.connections += 1
    return account
  }

  /** Counts a connection as closed. */
  release(account: AddressAccount | null): void {
    if (account !== null) account.connections -= 1
  }

  /** Takes a join: 0 if allowed, otherwise the milliseconds until the next one is. */
  takeJoin(account: AddressAccount | null, now: Millis): Millis {
    return account === null ? 0 : account.joins.take(this.#limits.joins, now)
  }

  /** Takes a request to `POST /leave`; `false` when the address exceeded its rate. */
  takeLeave(key: AddressKey, now: Millis): boolean {
    return key === null || this.#accountFor(key, now).leaves.take(this.#limits.leaves, now) === 0
  }

  /** Counts a frame; returns for how many milliseconds its connection must not be read. */
  spendFrame(account: AddressAccount | null, bytes: number, now: Millis): Millis {
    if (account === null) return 0
    return account.frames.spend(this.#limits.frames, 1 + Math.floor(bytes / bytesPerFrame), now)
  }

  /** Takes a TURN credential; `false` when the address exceeded its rate. */
  takeTurnCredential(account: AddressAccount | null, now: Millis): boolean {
    return account === null || account.turnCredentials.take(this.#limits.turnCredentials, now) === 0
  }

  /** Forgets addresses that have no connections and whose buckets are full again. */
  sweep(now: Millis): void {
    for (const account of this.#accounts.values()) {
      const isIdle =
        account.connections === 0 &&
        buckets.every((name) => account[name].isFull(this.#limits[name], now))
      if (isIdle) this.#accounts.delete(account.key)
    }
  }

  get size(): number {
    return this.#accounts.size
  }

  #accountFor(key: string, now: Millis): AddressAccount {
    const existing = this.#accounts.get(key)
    if (existing !== undefined) return existing
    const account: AddressAccount = {
      key,
      connections: 0,
      joins: new TokenBucket(this.#limits.joins, now),
      leaves: new TokenBucket(this.#limits.leaves, now),
      frames: new TokenBucket(this.#limits.frames, now),
      turnCredentials: new TokenBucket(this.#limits.turnCredentials, now),
    }
    this.#accounts.set(key, account)
    return account
  }
}

const buckets = ['joins', 'leaves', 'frames', 'turnCredentials'] as const

/** A frame counts once more for each of these. Few descriptions of a session are larger. */
const bytesPerFrame = 4_096
