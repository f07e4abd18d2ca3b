import type { Millis } from '@skein/protocol'
import type { Timers } from '../../time/timers.ts'

/** Estimates the store's clock between two replies, on this node's monotonic clock. */
export class StoreClock {
  readonly #timers: Pick<Timers, 'now'>
  #offsetMs: Millis | null = null
  #errorMs: Millis = Number.POSITIVE_INFINITY
  #observedAt = 0

  constructor(timers: Pick<Timers, 'now'>) {
    this.#timers = timers
  }

  /** False before the first reply. */
  get isSet(): boolean {
    return this.#offsetMs !== null
  }

  now(): Millis {
    return Math.floor(this.#timers.now() + (this.#offsetMs ?? 0))
  }

  /**
   * Takes in a time that the store reported in reply to a command sent at `sentAt` (by
   * the same monotonic clock).
   */
  observe(time: Millis, sentAt: number): void {
    const receivedAt = this.#timers.now()
    const errorMs = (receivedAt - sentAt) / 2
    const offsetMs = time - (sentAt + receivedAt) / 2
    const isOff = Math.abs(offsetMs - (this.#offsetMs ?? 0)) > errorMs + this.#errorMs
    const isStale = receivedAt - this.#observedAt > staleMs
    // A slow reply is imprecise: take it only if the estimate is stale, wrong, or less precise.
    if (!isOff && !isStale && errorMs > this.#errorMs) return
    this.#offsetMs = offsetMs
    this.#errorMs = errorMs
    this.#observedAt = receivedAt
  }
}

const staleMs = 10_000
