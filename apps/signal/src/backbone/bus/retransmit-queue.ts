import { type ConnectionId, connectionId, type Millis } from '@skein/protocol'
import { encodeItem } from './bus-message.ts'

export interface RetransmitQueueOptions {
  /** How long to wait for an acknowledgement before everything is sent again. */
  readonly retransmitMs: Millis
  /** How long a signal is retransmitted before it is given up. */
  readonly giveUpMs: Millis
  /** Limit for unacknowledged signals; beyond it, new ones fail at once. */
  readonly maxQueuedBytes: number
}

/** Keeps the signals to one node until that node acknowledges them. */
export class RetransmitQueue {
  readonly #options: RetransmitQueueOptions
  #unacked: UnackedSignal[] = []
  #unackedBytes = 0
  #unsent: Buffer[] = []
  #lastSerial = 0
  /** When the retransmit timer was last restarted: by a first signal, an ack or a retransmit. */
  #progressAt = 0

  constructor(options: RetransmitQueueOptions) {
    this.#options = options
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
    this.#unsent.push(item)
    return new Promise((resolve) => {
      this.#unacked.push({ serial, item, from, resolve, until: now + this.#options.giveUpMs })
    })
  }

  /** Returns the items that have not been sent yet. */
  takeUnsent(): readonly Buffer[] {
    const unsent = this.#unsent
    this.#unsent = []
    return unsent
  }

  /** Gives up signals that have timed out, and returns the items to retransmit, if any are due. */
  takeRetransmits(now: number): readonly Buffer[] {
    const before = this.#unacked.length
    while (this.#unacked[0] !== undefined && this.#unacked[0].until <= now) this.#settleFirst(false)
    const hasGivenUp = this.#unacked.length < before
    const isAckLate =
      this.#unacked.length > 0 && now - this.#progressAt >= this.#options.retransmitMs
    if (!hasGivenUp && !isAckLate) return []
    this.#progressAt = now
    this.#unsent = []
    // The receiver must not wait for signals that were given up.
    const serial = this.#unacked[0]?.serial ?? this.#lastSerial + 1
    return [encodeItem({ type: 'skip-to', serial }), ...this.#unacked.map(({ item }) => item)]
  }

  acknowledge({ serial, undelivered, now }: Acknowledgement): void {
    while (this.#unacked[0] !== undefined && this.#unacked[0].serial <= serial) {
      this.#progressAt = now
      this.#settleFirst(!undelivered.includes(this.#unacked[0].serial))
    }
  }

  /**
   * Stops retransmits of a connection's signals. Those already sent are replaced by placeholders
   * with the same serials, because the receiver needs serials without gaps.
   */
  cancelRetransmits(from: ConnectionId): void {
    const unsent = new Set(this.#unsent)
    for (const signal of this.#unacked) {
      if (signal.from !== from || unsent.has(signal.item)) continue
      const item = encodeItem({ ...placeholder, serial: signal.serial })
      this.#unackedBytes += item.length - signal.item.length
      signal.item = item
    }
  }

  /** Reports every unacknowledged signal as undelivered. */
  close(): void {
    while (this.#unacked.length > 0) this.#settleFirst(false)
    this.#unsent = []
  }

  #settleFirst(isDelivered: boolean): void {
    const first = this.#unacked.shift()
    if (first === undefined) return
    this.#unackedBytes -= first.item.length
    first.resolve(isDelivered)
  }
}

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
  readonly until: number
  readonly resolve: (isDelivered: boolean) => void
}

const placeholder = { type: 'signal', to: connectionId(''), frame: Buffer.alloc(0) } as const
