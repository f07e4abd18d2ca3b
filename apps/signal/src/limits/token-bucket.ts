import type { Millis } from '@skein/protocol'

/** A sustained rate, and the burst that is allowed after idle time. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket. Callers pass the rate to each method, to keep a bucket small. */
export class TokenBucket {
  /** Thousandths of a token: adding integers does not drift. */
  #thousandths: number
  #refilledAt: Millis

  constructor(rate: Rate, now: Millis) {
    this.#thousandths = rate.burst * oneToken
    this.#refilledAt = now
  }

  /** Takes one token: 0 if there was one, otherwise the milliseconds until there is. */
  take(rate: Rate, now: Millis): Millis {
    this.#refill(rate, now)
    if (this.#thousandths < oneToken) {
      return Math.ceil((oneToken - this.#thousandths) / rate.perSecond)
    }
    this.#thousandths -= oneToken
    return 0
  }

  /**
   * Takes tokens even if there are too few, for what has happened already. Returns the milliseconds
   * until the debt is paid; 0 when there is none.
   */
  spend(rate: Rate, amount: number, now: Millis): Millis {
    this.#refill(rate, now)
    this.#thousandths -= amount * oneToken
    return this.#thousandths >= 0 ? 0 : Math.ceil(-this.#thousandths / rate.perSecond)
  }

  /** Whether the bucket is full, so that it can be dropped and created again later. */
  isFull(rate: Rate, now: Millis): boolean {
    this.#refill(rate, now)
    return this.#thousandths >= rate.burst * oneToken
  }

  #refill(rate: Rate, now: Millis): void {
    const elapsedMs = Math.max(0, now - this.#refilledAt)
    const filled = this.#thousandths + elapsedMs * rate.perSecond
    this.#thousandths = Math.min(rate.burst * oneToken, filled)
    this.#refilledAt = now
  }
}

const oneToken = 1_000
