import { Queue } from '../core/queue.ts'
import type { Carrier } from '../link/link.ts'
import { FrameWriter, hostFlag, lastFlag, recordTypes } from './frame.ts'
import type { Outgoing } from './outgoing.ts'

/** A message on a carrier of its own has to fit in one frame with what stands before it. */
export const maxSideBytes: number = 60 * 1024
/** Carriers of channels are told from the link's own by it. */
export const sidePrefix = 'c:'
const highWaterBytes = 256 * 1024

/** Sends the messages of one unordered or unreliable channel to one peer, a frame each. */
export class SideCarrier {
  readonly #waiting = new Queue<Outgoing>()
  readonly #make: () => Carrier | null
  #carrier: Carrier | null = null

  constructor(make: () => Carrier | null) {
    this.#make = make
  }

  push(item: Outgoing): void {
    this.#waiting.push(item)
    this.pump()
  }

  cancel(item: Outgoing): void {
    this.#waiting.remove(item)
  }

  waiting(): readonly Outgoing[] {
    return this.#waiting.toArray()
  }

  /** The connection is gone, and the carrier with it. */
  interrupted(): void {
    this.#carrier = null
  }

  pump(): void {
    if (!this.#carrier) {
      this.#carrier = this.#make()
      if (this.#carrier) this.#carrier.ondrain = () => this.pump()
    }
    const carrier = this.#carrier
    while (carrier?.isOpen && carrier.bufferedAmount < highWaterBytes) {
      const item = this.#waiting.shift()
      if (!item) return
      carrier.send(encode(item))
      item.accepted()
    }
  }
}

const encode = ({ message, askId }: Outgoing): Uint8Array<ArrayBuffer> => {
  const { reign, kind, body, isForHost } = message
  const writer = new FrameWriter()
  const flags = lastFlag | (isForHost ? hostFlag : 0)
  writer.write({ type: recordTypes.reign, numbers: [reign.epoch, reign.term] })
  // A Blob never gets here: it takes the main carrier.
  const bytes = body instanceof Uint8Array ? body : null
  const ask = askId === null ? [] : [askId]
  const type = askId === null ? recordTypes.start : recordTypes.ask
  writer.write({ type, numbers: [0, kind, ...ask], flags, bytes })
  return writer.finish()
}
