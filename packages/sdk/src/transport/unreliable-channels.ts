import type { SkeinErrorCode } from '@skein/protocol'
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
import { isLossy, type Outgoing, settleReplaced } from './outgoing.ts'

/** A deep queue would delay messages that should rather be lost. */
const highWaterBytes = 256 * 1024

/** The separate frame channels for unordered and unreliable channels, on one connection. */
export class UnreliableChannels {
  readonly #open: PeerLink['openFrameChannel']
  readonly #frameChannels = new Map<string, FrameChannel>()
  readonly #writer: FrameWriter
  readonly #settle: (item: Outgoing, code: SkeinErrorCode | null) => void
  /** By label: the newest message of a channel that keeps only that one. */
  readonly #held = new Map<string, Outgoing>()

  /** The writer may be shared: each `send` leaves it empty. */
  constructor(
    open: PeerLink['openFrameChannel'],
    writer: FrameWriter,
    settle: (item: Outgoing, code: SkeinErrorCode | null) => void,
  ) {
    this.#open = open
    this.#writer = writer
    this.#settle = settle
  }

  /**
   * Sends, holds or drops the message. Returns `false` if it has to use the main frame channel:
   * until the separate one is open, and for messages that do not fit in one frame.
   */
  send(item: Outgoing): boolean {
    const { frameChannel, label, body, size, keepsLatest } = item.message
    if (!frameChannel || body instanceof Blob || size + 1024 > frameBytes) return false
    const channel = this.#frameChannels.get(label) ?? this.#open(frameChannel)
    if (!channel) return false
    this.#frameChannels.set(label, channel)
    if (!channel.isOpen) return false
    if (keepsLatest && channel.bufferedAmount > 0) this.#hold(item, channel)
    else if (channel.bufferedAmount <= highWaterBytes) this.#write(item, body, channel)
    else if (isLossy(frameChannel)) this.#settle(item, 'queue-full')
    else return false
    return true
  }

  /** Returns the messages that are held. The connection is gone. */
  takeHeld(): readonly Outgoing[] {
    return [...this.#held.values()].filter(({ result }) => result === undefined)
  }

  #hold(item: Outgoing, channel: FrameChannel): void {
    const { label } = item.message
    const replaced = this.#held.get(label)
    this.#held.set(label, item)
    if (replaced) settleReplaced(replaced, this.#settle)
    channel.ondrain = () => {
      const newest = this.#held.get(label)
      this.#held.delete(label)
      if (newest && newest.result === undefined) this.send(newest)
    }
  }

  #write(item: Outgoing, body: Uint8Array, channel: FrameChannel): void {
    const { label, hostTerm, kind, isForHost } = item.message
    const writer = this.#writer
    writer.record(channelRecord, 1)
    writer.bytes(utf8(label))
    writer.record(termRecord, hostTerm.epoch, hostTerm.term)
    const flags = lastFlag | (isForHost ? hostFlag : 0)
    writer.record(startRecord | flags, 1, kind, item.answerId)
    writer.bytes(body)
    try {
      channel.send(writer.finish())
    } catch {
      // Its queue is full, or it has just closed.
      this.#settle(item, 'queue-full')
      return
    }
    item.accept()
    item.isSent = true
  }
}
