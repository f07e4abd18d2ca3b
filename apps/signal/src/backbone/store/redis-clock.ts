import type { Millis } from '@skein/protocol'

/** The clock of the store as a node knows it between two answers; durations are the node's own. */
export class StoreClock {
  #offsetMs: Millis | null = null
  #errorMs: Millis = Number.POSITIVE_INFINITY
  #observedAt = 0

  /** False before the first answer. */
  get isSet(): boolean {
    return this.#offsetMs !== null
  }

  now(): Millis {
    return Math.floor(performance.now() + (this.#offsetMs ?? 0))
  }

  /** At some moment since `askedAt` (by `performance.now()`) the store's clock showed that. */
  observe(time: Millis, askedAt: number): void {
    const answeredAt = performance.now()
    const errorMs = (answeredAt - askedAt) / 2
    const offsetMs = time - (askedAt + answeredAt) / 2
    const isOff = Math.abs(offsetMs - (this.#offsetMs ?? 0)) > errorMs + this.#errorMs
    const isOld = answeredAt - this.#observedAt > oldMs
    // A slow answer says little about the time, unless what is known is worse or wrong.
    if (!isOff && !isOld && errorMs > this.#errorMs) return
    this.#offsetMs = offsetMs
    this.#errorMs = errorMs
    this.#observedAt = answeredAt
  }
}

const oldMs = 10_000
