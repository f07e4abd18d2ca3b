import type { Millis } from '@skein/protocol'
import { Queue } from '../core/queue.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * Enough to fill a short path. A larger window would only fill queues, which delays small messages
 * and makes browsers drop packets (measured: 64 KiB is 0.8 × the speed of 256 KiB).
 */
const minWindowBytes = 224 * 1024
const maxWindowBytes = 4 * 1024 * 1024
/** Above 1, so that the window grows while it is the bottleneck. */
const gain = 1.25
/** How often the shortest round trip is measured again, in case it has become longer. */
const probeMs = 10_000
/** The share of the window that is used while measuring, so that the queues are empty. */
const probeShare = 0.5
/** Round trips per rate sample. Acknowledgements arrive in bursts, so one trip is too short. */
const sampleTrips = 4

/** A frame that the peer acknowledges soon: one with fragments. */
interface Frame {
  readonly at: Millis
  /** Total bytes sent, including this frame. */
  readonly sent: number
  /** Messages that end in this frame. */
  readonly items: readonly Outgoing[]
}

/**
 * The frames in flight to one peer, and how many bytes may be: what the path delivers in its
 * shortest round trip, so that the path is full and its queues are empty. When packets are dropped
 * or queues fill, the rate falls, and the window with it. Pure: the caller passes the time.
 */
export class SendWindow {
  windowBytes: number = minWindowBytes
  readonly #frames = new Queue<Frame>()
  #sent = 0
  #acked = 0
  /** Shortest round trip; 0 while it is being measured. */
  #shortestMs: Millis = 0
  #measuredAt: Millis = 0
  /** Bytes per ms in the last two samples. */
  #rate = 0
  #previousRate = 0
  /** When the current sample began, and the bytes acknowledged at that time. */
  #sampleAt: Millis = 0
  #sampleFrom = 0
  /** Frames up to here were sent with the larger window: they do not measure the shortest trip. */
  #probeFrom = 0

  /** Bytes in flight. */
  get bytes(): number {
    return this.#sent - this.#acked
  }

  /** When the oldest frame in flight was sent; Infinity if there is none. */
  get oldestAt(): Millis {
    return this.#frames.first?.at ?? Infinity
  }

  /** The bytes that have arrived, as the peer said. */
  get acked(): number {
    return this.#acked
  }

  /** Messages that may not have arrived, in the order in which they were finished. */
  get items(): Outgoing[] {
    return this.#frames.toArray().flatMap(({ items }) => items)
  }

  /** `items` is `null` for a frame without fragments, which the peer need not acknowledge. */
  onSent(bytes: number, items: readonly Outgoing[] | null, now: Millis): void {
    // The sender was idle: that time says nothing about the path.
    if (this.bytes === 0) this.#beginSample(now)
    this.#sent += bytes
    if (items) this.#frames.push({ at: now, sent: this.#sent, items })
  }

  /** Handles an `ack` of `total` bytes: returns the messages that arrived, or `null` if invalid. */
  onAck(total: number, now: Millis): readonly Outgoing[] | null {
    if (total < this.#acked || total > this.#sent) return null
    const items: Outgoing[] = []
    let last: Frame | undefined
    while ((this.#frames.first?.sent ?? Infinity) <= total) {
      last = this.#frames.shift()
      items.push(...(last?.items ?? []))
    }
    this.#acked = total
    if (last) this.#measure(last, now)
    return items
  }

  /** Starts on a new connection, counting from `total`: everything in flight is lost. */
  restart(total: number): void {
    this.windowBytes = minWindowBytes
    this.#frames.clear()
    this.#sent = this.#acked = this.#probeFrom = this.#sampleFrom = total
    this.#shortestMs = this.#rate = this.#previousRate = 0
  }

  #measure({ at, sent }: Frame, now: Millis): void {
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
    const sampleMs = now - this.#sampleAt
    // Until the measurement is back the path is half empty: the rate would be too low.
    if (!this.#shortestMs) this.#beginSample(now)
    else if (sampleMs > sampleTrips * tripMs) {
      this.#previousRate = this.#rate
      this.#rate = (this.#acked - this.#sampleFrom) / sampleMs
      this.#beginSample(now)
    }
    const bytes = gain * Math.max(this.#rate, this.#previousRate) * this.#shortestMs
    if (bytes) this.windowBytes = Math.max(minWindowBytes, Math.min(maxWindowBytes, bytes))
  }

  #beginSample(now: Millis): void {
    this.#sampleAt = now
    this.#sampleFrom = this.#acked
  }
}
