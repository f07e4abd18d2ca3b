import type { Millis } from '@skein/protocol'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket for each source. */
export class RateLimit<Source> {
  readonly #rate: Rate
  readonly #buckets = new Map<Source, { tokens: number; at: Millis }>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Whether the source may do one thing more. */
  allows(source: Source, now: Millis): boolean {
    const { perSecond, burst } = this.#rate
    const { tokens, at } = this.#buckets.get(source) ?? { tokens: burst, at: now }
    const left = Math.min(burst, tokens + ((now - at) * perSecond) / 1_000)
    this.#buckets.set(source, { tokens: Math.max(0, left - (left < 1 ? 0 : 1)), at: now })
    return left >= 1
  }

  forget(source: Source): void {
    this.#buckets.delete(source)
  }
}
