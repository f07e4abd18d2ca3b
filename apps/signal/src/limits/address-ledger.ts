import type { Millis } from '@skein/protocol'
import type { AddressKey } from './client-address.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

export interface AddressLimits {
  readonly maxConnections: number
  readonly joins: Rate
  readonly turnCredentials: Rate
}

/** What one address has and may still do. */
export interface AddressAccount {
  readonly key: string
  connections: number
  readonly joins: TokenBucket
  readonly turnCredentials: TokenBucket
}

/** Counts by address. An account of `null` belongs to an address that is not counted. */
export class AddressLedger {
  readonly #limits: AddressLimits
  readonly #accounts = new Map<string, AddressAccount>()

  constructor(limits: AddressLimits) {
    this.#limits = limits
  }

  /** Counts a new connection; `refused` when the address has too many. */
  connect(key: AddressKey, now: Millis): AddressAccount | null | 'refused' {
    if (key === null) return null
    const account = this.#accounts.get(key) ?? this.#open(key, now)
    if (account.connections >= this.#limits.maxConnections) return 'refused'
    account.connections += 1
    return account
  }

  release(account: AddressAccount | null): void {
    if (account !== null) account.connections -= 1
  }

  /** 0: the address may join; else the milliseconds until it may. */
  takeJoin(account: AddressAccount | null, now: Millis): Millis {
    return account === null ? 0 : account.joins.take(this.#limits.joins, now)
  }

  takeTurnCredential(account: AddressAccount | null, now: Millis): boolean {
    return account === null || account.turnCredentials.take(this.#limits.turnCredentials, now) === 0
  }

  /** Forgets the addresses that have nothing and took nothing lately. */
  sweep(now: Millis): void {
    for (const account of this.#accounts.values()) {
      const isQuiet =
        account.connections === 0 &&
        account.joins.isFull(this.#limits.joins, now) &&
        account.turnCredentials.isFull(this.#limits.turnCredentials, now)
      if (isQuiet) this.#accounts.delete(account.key)
    }
  }

  get size(): number {
    return this.#accounts.size
  }

  #open(key: string, now: Millis): AddressAccount {
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
