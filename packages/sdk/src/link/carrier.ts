import type { Carrier, CarrierOptions } from './link.ts'

/** Below this the queue asks for more: shallow, as deep ones make browsers drop packets. */
const lowWaterBytes = 64 * 1024

/** What every implementation takes, where the connection does not say. */
const safeMessageBytes = 64 * 1024

export interface CarrierEvents {
  readonly maxMessageSize: () => number | undefined
  readonly opened: () => void
  readonly closed: () => void
  readonly frame: (frame: Uint8Array<ArrayBuffer>) => void
  /** The other side has taken some of what was sent. */
  readonly drained: () => void
}

/** Dresses an RTCDataChannel as a carrier of binary frames. */
export const createCarrier = (channel: RTCDataChannel, events: CarrierEvents): Carrier => {
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
      return events.maxMessageSize() || safeMessageBytes
    },
    send: (frame) => channel.send(frame),
    ondrain: null,
  }
  channel.onopen = () => {
    events.opened()
    carrier.ondrain?.()
  }
  channel.onclose = () => events.closed()
  channel.onbufferedamountlow = () => {
    events.drained()
    carrier.ondrain?.()
  }
  channel.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) events.frame(new Uint8Array(data))
  }
  return carrier
}

/** An absent limit must be a missing key: `null` would be read as 0. */
export const channelInit = (options: CarrierOptions): RTCDataChannelInit => ({
  ordered: options.ordered,
  ...(options.maxRetransmits !== null && { maxRetransmits: options.maxRetransmits }),
  ...(options.maxPacketLifeTime !== null && { maxPacketLifeTime: options.maxPacketLifeTime }),
})
