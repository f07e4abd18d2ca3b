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

/** A deep queue would delay messages that should rather be lost. */
const highWaterBytes = 256 * 1024

/** The separate frame channels for unordered and unreliable channels, on one connection. */
export class UnreliableChannels {
  readonly #open: PeerLink['openFrameChannel']
  readonly #frameChannels = new Map<string, FrameChannel>()
  readonly #writer: FrameWriter

  /** The writer may be shared: each `send` leaves it empty. */
  constructor(open: PeerLink['openFrameChannel'], writer: FrameWriter) {
    this.#open = open
    this.#writer = writer
  }

  /**
   * Returns `false` if the message has to use the main frame channel: until the separate one is
   * open, and for messages that do not fit in one frame.
   */
  send(item: Outgoing): boolean {
    const { frameChannel, label, hostTerm, kind, isForHost, body, size } = item.message
    if (!frameChannel || body instanceof Blob || size + 1024 > frameBytes) return false
    const channel = this.#frameChannels.get(label) ?? this.#open(frameChannel)
    if (!channel) return false
    this.#frameChannels.set(label, channel)
    if (!channel.isOpen || channel.bufferedAmount > highWaterBytes) return false
    const writer = this.#writer
    writer.record(channelRecord, 1)
    writer.bytes(utf8(label))
    writer.record(termRecord, hostTerm.epoch, hostTerm.term)
    const flags = lastFlag | (isForHost ? hostFlag : 0)
    writer.record(startRecord | flags, 1, kind, item.answerId)
    writer.bytes(body)
    channel.send(writer.finish())
    item.accept()
    item.markSent()
    return true
  }
}
