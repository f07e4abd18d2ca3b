import { utf8 } from '../core/bytes.ts'
import type { FrameChannel, PeerLink } from '../link/link.ts'
import {
  channelRecord,
  type FrameWriter,
  frameBytes,
  hostFlag,
  lastFlag,
  startRecord,
  termRecord,
} from './frame.ts'
import type { Outgoing } from './outgoing.ts'

/** Deep queues would make what is unreliable late instead. */
const highWaterBytes = 256 * 1024

/** The carriers of unordered and unreliable channels to one peer, over one connection. */
export class UnreliableChannels {
  readonly #carrier: PeerLink['openFrameChannel']
  readonly #carriers = new Map<string, FrameChannel>()
  readonly #writer: FrameWriter

  /** The writer may be another's: here it is empty again at once. */
  constructor(carrier: PeerLink['openFrameChannel'], writer: FrameWriter) {
    this.#carrier = carrier
    this.#writer = writer
  }

  /**
   * `false` for what goes by the main carrier, which promises more than was asked for: until the
   * channel's own is open, and what does not fit in a frame.
   */
  send(item: Outgoing): boolean {
    const { frameChannel, label, hostTerm, kind, isForHost, body, size } = item.message
    if (!frameChannel || body instanceof Blob || size + 1024 > frameBytes) return false
    const own = this.#carriers.get(label) ?? this.#carrier(frameChannel)
    if (!own) return false
    this.#carriers.set(label, own)
    if (!own.isOpen || own.bufferedAmount > highWaterBytes) return false
    const writer = this.#writer
    writer.record(channelRecord, 1)
    writer.bytes(utf8(label))
    writer.record(termRecord, hostTerm.epoch, hostTerm.term)
    const flags = lastFlag | (isForHost ? hostFlag : 0)
    writer.record(startRecord | flags, 1, kind, item.askId)
    writer.bytes(body)
    own.send(writer.finish())
    item.take()
    item.markSent()
    return true
  }
}
