import type { Carrier, CarrierOptions } from './link.ts'

/** Below this the queue asks for more: shallow, as deep ones make browsers drop packets. */
const lowWaterBytes = 64 * 1024

/** What every implementation takes (RFC 8831, section 6.6, asks for 16 KiB at least). */
const safeMessageBytes = 64 * 1024

export interface CarrierHandlers {
  readonly opened: () => void
  readonly closed: () => void
  readonly frame: (frame: Uint8Array<ArrayBuffer>) => void
  /** The other side has taken some of what was sent. */
  readonly drained: () => void
}

/** Dresses an RTCDataChannel for binary frames as a carrier. */
export const createCarrier = (
  { channel, connection }: { channel: RTCDataChannel; connection: RTCPeerConnection },
  handlers: CarrierHandlers,
): Carrier => {
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = lowWaterBytes
  const carrier: Carrier = {
    label: channel.label,
    get isOpen() {
      return channel.readyState === 'open'
    },
    get bufferedAmount() {
      return channel.bufferedAmount
    },
    get maxMessageSize() {
      return connection.sctp?.maxMessageSize || safeMessageBytes
    },
    send: (frame) => channel.send(frame),
    ondrain: null,
  }
  const drained = () => {
    handlers.drained()
    carrier.ondrain?.()
  }
  channel.onopen = () => {
    handlers.opened()
    drained()
  }
  channel.onclose = () => handlers.closed()
  channel.onbufferedamountlow = drained
  channel.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) handlers.frame(new Uint8Array(data))
  }
  return carrier
}

/** An absent limit must be a missing key: `null` would be read as 0. */
export const channelInit = (options: CarrierOptions): RTCDataChannelInit => ({
  ordered: options.ordered,
  ...(options.maxRetransmits !== null && { maxRetransmits: options.maxRetransmits }),
  ...(options.maxPacketLifeTime !== null && { maxPacketLifeTime: options.maxPacketLifeTime }),
})
