import type { Carrier } from './link.ts'

/** Below this the queue asks for more: shallow, as deep ones make browsers drop packets. */
const lowWaterBytes = 64 * 1024

/** What every implementation takes, where the connection does not say. */
const safeMessageBytes = 64 * 1024

interface CarrierPorts {
  readonly channel: RTCDataChannel
  readonly connection: RTCPeerConnection
  /** A frame arrived; `null`: the other side has taken some of what was sent. */
  readonly heard: (frame: Uint8Array<ArrayBuffer> | null) => void
}

/** Dresses an RTCDataChannel as a carrier of binary frames. */
export const createCarrier = ({ channel, connection, heard }: CarrierPorts): Carrier => {
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
    heard(null)
    carrier.ondrain?.()
  }
  channel.addEventListener('open', drained)
  channel.onbufferedamountlow = drained
  channel.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) heard(new Uint8Array(data))
  }
  return carrier
}
