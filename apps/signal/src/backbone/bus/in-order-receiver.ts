import type { ConnectionId } from '@skein/protocol'
import { type BusItem, encodeItem } from './bus-message.ts'

type Deliver = (to: ConnectionId, frame: Buffer) => boolean

/** Receives the signals of one node: delivers each once, in order, and acknowledges them. */
export class InOrderReceiver {
  readonly #deliver: Deliver
  #lastSerial: number | null = null
  #undelivered: number[] = []
  #isAckDue = false

  constructor(deliver: Deliver) {
    this.#deliver = deliver
  }

  /** Continues at `serial`: the sender will not retransmit anything before it. */
  skipTo(serial: number): void {
    if (this.#lastSerial === null || this.#lastSerial < serial - 1) this.#lastSerial = serial - 1
  }

  receive({ serial, to, frame }: Extract<BusItem, { type: 'signal' }>): void {
    this.#isAckDue = true
    // Unless it starts at 1, ignore the stream until `skipTo`: earlier signals are retransmitted.
    if (this.#lastSerial === null) this.#lastSerial = serial === 1 ? 0 : null
    if (this.#lastSerial === null || serial !== this.#lastSerial + 1) return
    this.#lastSerial = serial
    if (!this.#deliver(to, frame)) this.#undelivered.push(serial)
  }

  /** The acknowledgement to send; `null` when nothing came since the last one. */
  takeAck(): Buffer | null {
    if (!this.#isAckDue || this.#lastSerial === null) return null
    this.#isAckDue = false
    const undelivered = this.#undelivered
    // The acknowledgement may be lost: report the latest undelivered signals once more.
    this.#undelivered = undelivered.slice(-maxRepeated)
    return encodeItem({ type: 'ack', serial: this.#lastSerial, undelivered })
  }
}

const maxRepeated = 64
