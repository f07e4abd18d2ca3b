import type { Millis } from '@skein/protocol'

/** So many a second, and so many at once after a quiet time. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Counts what one sender may still do. The rate is passed in, so that a bucket stays small. */
export class TokenBucket {
  /** Thousandths of a token: whole numbers do not drift when they are added up. */
  #thousandths: number
  #filledAt: Millis

  constructor(rate: Rate, now: Millis) {
    this.#thousandths = rate.burst * oneToken
    this.#filledAt = now
  }

  /** Takes one token: 0 when there was one, else the milliseconds until there will be. */
  take(rate: Rate, now: Millis): Millis {
    this.#fill(rate, now)
    if (this.#thousandths < oneToken) {
      return Math.ceil((oneToken - this.#thousandths) / rate.perSecond)
    }
    this.#thousandths -= oneToken
    return 0
  }

  /** Whether nothing was taken for so long that the bucket need not be kept. */
  isFull(rate: Rate, now: Millis): boolean {
    this.#fill(rate, now)
    return this.#thousandths >= rate.burst * oneToken
  }

  #fill(rate: Rate, now: Millis): void {
    const elapsedMs = Math.max(0, now - this.#filledAt)
    const filled = this.#thousandths + elapsedMs * rate.perSecond
    this.#thousandths = Math.min(rate.burst * oneToken, filled)
    this.#filledAt = now
  }
}

const oneToken = 1_000
