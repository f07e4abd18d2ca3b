import type { Millis } from '@skein/protocol'
import { Queue } from '../core/queue.ts'

/**
 * On a short path it takes so little to keep it full: what is beyond only waits in queues, makes
 * small messages late and browsers drop packets (measured: 64 KiB is 0.8 × the speed of 256 KiB).
 */
const minWindowBytes = 128 * 1024
const maxWindowBytes = 4 * 1024 * 1024
/** Above 1, so that a window that is the limit itself grows until something else is. */
const gain = 1.25
/** The shortest round trip may have become longer: so often it is measured anew. */
const probeMs = 10_000

interface Mark {
  readonly at: Millis
  /** Bytes, in all, with this frame. */
  readonly sent: number
  /** Bytes that were acknowledged when it was sent. */
  readonly acked: number
}

/**
 * How much may be on its way to one peer, in bytes: what the path delivers in its shortest round
 * trip, so that it is full and its queues are empty. Pure: time is handed in. When packets are
 * discarded or queues fill, the rate falls and the window with it.
 */
export class Flow {
  windowBytes: number = minWindowBytes
  readonly #marks = new Queue<Mark>()
  #sent = 0
  #acked = 0
  #shortestMs: Millis = Infinity
  #measuredAt: Millis = 0
  /** Bytes a ms: the most of this round, and of the one before. */
  #rate = 0
  #rateBefore = 0
  #roundAt: Millis = 0
  /** Marks up to here were sent into a larger window, and tell nothing of the shortest trip. */
  #probeFrom = 0

  /** Bytes on their way. */
  get inFlight(): number {
    return this.#sent - this.#acked
  }

  sent(bytes: number, now: Millis): void {
    this.#sent += bytes
    this.#marks.push({ at: now, sent: this.#sent, acked: this.#acked })
  }

  /** So many arrived, in all; `false` when that cannot be. */
  acked(total: number, now: Millis): boolean {
    if (total < this.#acked || total > this.#sent) return false
    let last: Mark | undefined
    while ((this.#marks.first?.sent ?? Infinity) <= total) last = this.#marks.shift()
    this.#acked = total
    if (last) this.#measured(last, now)
    return true
  }

  #measured({ at, sent, acked }: Mark, now: Millis): void {
    const tripMs = Math.max(now - at, 0.1)
    if (sent > this.#probeFrom && tripMs <= this.#shortestMs) {
      this.#shortestMs = tripMs
      this.#measuredAt = now
    }
    // The round trip may well be longer for ever: an old measure must not hold the window small.
    if (now - this.#measuredAt > probeMs) {
      this.#shortestMs = Infinity
      this.#probeFrom = this.#sent
      this.#measuredAt = now
    }
    if (now - this.#roundAt > 10 * tripMs) {
      this.#rateBefore = this.#rate
      this.#rate = 0
      this.#roundAt = now
    }
    this.#rate = Math.max(this.#rate, (sent - acked) / tripMs)
    const bytes = gain * Math.max(this.#rate, this.#rateBefore) * this.#shortestMs
    const isKnown = this.#shortestMs < Infinity
    this.windowBytes = isKnown
      ? Math.min(maxWindowBytes, Math.max(minWindowBytes, bytes))
      : minWindowBytes
  }
}
