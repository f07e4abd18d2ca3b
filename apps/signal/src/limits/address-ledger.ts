import type { Millis } from '@skein/protocol'
import type { AddressKey } from './client-address.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

/** The limits for one address. */
export interface AddressLimits {
  readonly maxConnections: number
  readonly joins: Rate
  readonly turnCredentials: Rate
}

/** The connections and the remaining tokens of one address. */
export interface AddressAccount {
  readonly key: string
  connections: number
  readonly joins: TokenBucket
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
    const account = this.#accounts.get(key) ?? this.#createAccount(key, now)
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

  /** Takes a TURN credential; `false` when the address exceeded its rate. */
  takeTurnCredential(account: AddressAccount | null, now: Millis): boolean {
    return account === null || account.turnCredentials.take(this.#limits.turnCredentials, now) === 0
  }

  /** Forgets addresses that have no connections and whose buckets are full again. */
  sweep(now: Millis): void {
    for (const account of this.#accounts.values()) {
      const isIdle =
        account.connections === 0 &&
        account.joins.isFull(this.#limits.joins, now) &&
        account.turnCredentials.isFull(this.#limits.turnCredentials, now)
      if (isIdle) this.#accounts.delete(account.key)
    }
  }

  get size(): number {
    return this.#accounts.size
  }

  #createAccount(key: string, now: Millis): AddressAccount {
    const account: AddressAccount = {
      key,
      connections: 0,
      joins: new TokenBucket(this.#limits.joins, now),
      turnCredentials: new TokenBucket(this.#limits.turnCredentials, now),
    }
    this.#accounts.set(key, account)
    return account
  }
}
