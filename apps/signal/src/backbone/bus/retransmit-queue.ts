import { type ConnectionId, connectionId, type Millis } from '@skein/protocol'
import { encodeItem } from './bus-message.ts'

export interface RetransmitQueueOptions {
  /** How long to wait for an acknowledgement before signals are sent again; doubles once. */
  readonly retransmitMs: Millis
  /** How long a signal is retransmitted before it is given up. */
  readonly giveUpMs: Millis
  /** Limit for unacknowledged signals; beyond it, new ones fail at once. */
  readonly maxQueuedBytes: number
  /** How much may be on the way to the node; the rest waits for acknowledgements. */
  readonly windowBytes: number
  /** The same after an acknowledgement was late, until others arrive. */
  readonly lossWindowBytes: number
}

/**
 * Keeps the signals to one node until that node acknowledges them. While acknowledgements do not
 * arrive, it sends little and ever more rarely: the node may be overloaded or dead.
 */
export class RetransmitQueue {
  readonly #options: RetransmitQueueOptions
  #unacked: UnackedSignal[] = []
  #unackedBytes = 0
  /** How many of the first ones are on the way, and their bytes. */
  #inFlight = 0
  #inFlightBytes = 0
  #windowBytes: number
  #timeoutMs: Millis
  #lastSerial = 0
  /** When the retransmit timer was last restarted: by a first signal, an ack or a retransmit. */
  #progressAt = 0

  constructor(options: RetransmitQueueOptions) {
    this.#options = options
    this.#windowBytes = options.windowBytes
    this.#timeoutMs = options.retransmitMs
  }

  /** Resolves to whether the signal was delivered. */
  add({ to, frame, from, now }: OutgoingSignal): Promise<boolean> {
    if (this.#unackedBytes + frame.length > this.#options.maxQueuedBytes) {
      return Promise.resolve(false)
    }
    this.#lastSerial += 1
    const serial = this.#lastSerial
    const item = encodeItem({ type: 'signal', serial, to, frame })
    this.#unackedBytes += item.length
    if (this.#unacked.length === 0) this.#progressAt = now
    const until = now + this.#options.giveUpMs
    return new Promise((resolve) => {
      this.#unacked.push({ serial, item, from, resolve, until, wasSent: false })
    })
  }

  /** Whether some of what waits may be sent now. */
  get canSend(): boolean {
    const next = this.#unacked[this.#inFlight]
    if (next === undefined) return false
    // A signal that is larger than the window goes alone.
    return this.#inFlight === 0 || this.#inFlightBytes + next.item.length <= this.#windowBytes
  }

  /** Returns the items to send now. */
  takeUnsent(): readonly Buffer[] {
    const items: Buffer[] = []
    while (this.canSend) {
      const next = this.#unacked[this.#inFlight]
      if (next === undefined) break
      next.wasSent = true
      this.#inFlight += 1
      this.#inFlightBytes += next.item.length
      items.push(next.item)
    }
    return items
  }

  /** Gives up signals that have timed out, and returns the items to retransmit, if any are due. */
  takeRetransmits(now: number): readonly Buffer[] {
    const before = this.#unacked.length
    while (this.#unacked[0] !== undefined && this.#unacked[0].until <= now) this.#settleFirst(false)
    const hasGivenUp = this.#unacked.length < before
    const isAckLate = this.#inFlight > 0 && now - this.#progressAt >= this.#timeoutMs
    if (!hasGivenUp && !isAckLate) return []
    const { retransmitMs, lossWindowBytes } = this.#options
    this.#progressAt = now
    this.#timeoutMs = Math.min(2 * this.#timeoutMs, maxTimeoutFactor * retransmitMs)
    this.#windowBytes = lossWindowBytes
    // The receiver takes signals in order only, so everything after a lost one must be sent again.
    this.#inFlight = 0
    this.#inFlightBytes = 0
    // And it must not wait for signals that were given up.
    const serial = this.#unacked[0]?.serial ?? this.#lastSerial + 1
    return [encodeItem({ type: 'skip-to', serial }), ...this.takeUnsent()]
  }

  acknowledge({ serial, undelivered, now }: Acknowledgement): void {
    const before = this.#unacked.length
    while (this.#unacked[0] !== undefined && this.#unacked[0].serial <= serial) {
      this.#settleFirst(!undelivered.includes(this.#unacked[0].serial))
    }
    if (this.#unacked.length === before) return
    this.#progressAt = now
    this.#timeoutMs = this.#options.retransmitMs
    this.#windowBytes = Math.min(2 * this.#windowBytes, this.#options.windowBytes)
  }

  /**
   * Stops retransmits of a connection's signals. Those already sent are replaced by placeholders
   * with the same serials, because the receiver needs serials without gaps. Those that would wait
   * for acknowledgements before they are sent are replaced too: they could arrive after newer ones.
   */
  cancelRetransmits(from: ConnectionId): void {
    const mustWait = this.#unackedBytes > this.#windowBytes
    for (const [place, signal] of this.#unacked.entries()) {
      if (signal.from !== from || !(signal.wasSent || mustWait)) continue
      const item = encodeItem({ ...placeholder, serial: signal.serial })
      this.#unackedBytes += item.length - signal.item.length
      if (place < this.#inFlight) this.#inFlightBytes += item.length - signal.item.length
      signal.item = item
    }
  }

  /** Reports every unacknowledged signal as undelivered. */
  close(): void {
    while (this.#unacked.length > 0) this.#settleFirst(false)
  }

  #settleFirst(isDelivered: boolean): void {
    const first = this.#unacked.shift()
    if (first === undefined) return
    this.#unackedBytes -= first.item.length
    if (this.#inFlight > 0) {
      this.#inFlight -= 1
      this.#inFlightBytes -= first.item.length
    }
    first.resolve(isDelivered)
  }
}

/** A signal is given up after 1.5 s: with 250 and then 500 ms between them, it is sent four times. */
const maxTimeoutFactor = 2

interface OutgoingSignal {
  readonly to: ConnectionId
  readonly from: ConnectionId
  readonly frame: Buffer
  readonly now: number
}

interface Acknowledgement {
  readonly serial: number
  readonly undelivered: readonly number[]
  readonly now: number
}

interface UnackedSignal {
  readonly serial: number
  readonly from: ConnectionId
  item: Buffer
  wasSent: boolean
  readonly until: number
  readonly resolve: (isDelivered: boolean) => void
}

const placeholder = { type: 'signal', to: connectionId(''), frame: Buffer.alloc(0) } as const
