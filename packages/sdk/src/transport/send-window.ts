import type { Millis } from '@skein/protocol'
import { Queue } from '../core/queue.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * On a short path it takes so little to keep it full: what is beyond only waits in queues, makes
 * small messages late and browsers drop packets (measured: 64 KiB is 0.8 × the speed of 256 KiB).
 */
const minWindowBytes = 224 * 1024
const maxWindowBytes = 4 * 1024 * 1024
/** Above 1, so that a window that is the limit itself grows until something else is. */
const gain = 1.25
/** The shortest round trip may have become longer: so often it is measured anew. */
const probeMs = 10_000
/** With so much of the window, for then the queues are empty. */
const probeShare = 0.5
/** The rate is that of so many trips: acknowledgements come in bunches, and one alone says nothing. */
const roundTrips = 4

interface Frame {
  readonly at: Millis
  /** Bytes, in all, with this frame. */
  readonly sent: number
  /** Messages that it ends. */
  readonly items: readonly Outgoing[]
}

/**
 * The frames that are on their way to one peer, and how much may be: what the path delivers in its
 * shortest round trip, so that it is full and its queues are empty. Pure: time is handed in. When
 * packets are discarded or queues fill, the rate falls and the window with it.
 */
export class SendWindow {
  windowBytes: number = minWindowBytes
  readonly #frames = new Queue<Frame>()
  #sent = 0
  #acked = 0
  /** Of a trip; 0: it is to be measured. */
  #shortestMs: Millis = 0
  #measuredAt: Millis = 0
  /** Bytes a ms, of the latest round that is over, and of the one before. */
  #rate = 0
  #rateBefore = 0
  /** When the round began, and what was acknowledged then. */
  #roundAt: Millis = 0
  #roundFrom = 0
  /** Frames up to here were sent into a fuller path, and tell nothing of the shortest trip. */
  #probeFrom = 0

  /** Bytes on their way. */
  get bytes(): number {
    return this.#sent - this.#acked
  }

  /** The messages that may not have arrived, in the order in which they were finished. */
  get items(): Outgoing[] {
    return this.#frames.toArray().flatMap(({ items }) => items)
  }

  sent(bytes: number, items: readonly Outgoing[], now: Millis): void {
    // Nothing was to be sent for a while: that says nothing of the path.
    if (this.bytes === 0) this.#beginRound(now)
    this.#sent += bytes
    this.#frames.push({ at: now, sent: this.#sent, items })
  }

  /** So many bytes arrived, in all: the messages that did with them. `null` when that cannot be. */
  acked(total: number, now: Millis): readonly Outgoing[] | null {
    if (total < this.#acked || total > this.#sent) return null
    const items: Outgoing[] = []
    let last: Frame | undefined
    while ((this.#frames.first?.sent ?? Infinity) <= total) {
      last = this.#frames.shift()
      items.push(...(last?.items ?? []))
    }
    this.#acked = total
    if (last) this.#measured(last, now)
    return items
  }

  /** Another connection, on which the count goes on from `total`: what is under way is lost. */
  restart(total: number): void {
    this.windowBytes = minWindowBytes
    this.#frames.clear()
    this.#sent = this.#acked = this.#probeFrom = this.#roundFrom = total
    this.#shortestMs = this.#rate = this.#rateBefore = 0
  }

  #measured({ at, sent }: Frame, now: Millis): void {
    const tripMs = Math.max(now - at, 0.1)
    if (sent > this.#probeFrom && tripMs <= (this.#shortestMs || Infinity)) {
      this.#shortestMs = tripMs
      this.#measuredAt = now
    }
    if (now - this.#measuredAt > probeMs) {
      this.#shortestMs = 0
      this.#probeFrom = this.#sent
      this.#measuredAt = now
      this.windowBytes = Math.max(this.windowBytes, minWindowBytes) * probeShare
    }
    const roundMs = now - this.#roundAt
    // Until the probe is back, with the path half empty, there is nothing to learn.
    if (!this.#shortestMs) this.#beginRound(now)
    else if (roundMs > roundTrips * tripMs) {
      this.#rateBefore = this.#rate
      this.#rate = (this.#acked - this.#roundFrom) / roundMs
      this.#beginRound(now)
    }
    const bytes = gain * Math.max(this.#rate, this.#rateBefore) * this.#shortestMs
    if (bytes) this.windowBytes = Math.max(minWindowBytes, Math.min(maxWindowBytes, bytes))
  }

  #beginRound(now: Millis): void {
    this.#roundAt = now
    this.#roundFrom = this.#acked
  }
}
