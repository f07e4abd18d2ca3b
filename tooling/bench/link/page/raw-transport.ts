import { MessageBuffer, type Transport } from './contestant.ts'
import { contentOf, inPieces, Whole } from './pieces.ts'

/** One message of 256 KiB in the queue: the best of the plain settings that we tried. */
export const plain = { pieceBytes: 256 * 1024, highBytes: 256 * 1024 - 1, lowBytes: 64 * 1024 }

export interface PlainSettings {
  readonly pieceBytes: number
  /** Above this a sender waits. */
  readonly highBytes: number
  /** Below this a sender continues. */
  readonly lowBytes: number
}

/** A raw channel with back-pressure from its `bufferedAmount`. */
export const plainTransport = (channel: RTCDataChannel, settings: PlainSettings): Transport => {
  const { pieceBytes, highBytes, lowBytes } = settings
  channel.bufferedAmountLowThreshold = lowBytes
  let drain: Promise<void> | null = null
  const drained = (): Promise<void> | undefined => {
    if (channel.bufferedAmount <= highBytes) return undefined
    drain ??= new Promise((resolve) => {
      channel.onbufferedamountlow = () => {
        drain = null
        resolve()
      }
    })
    return drain
  }
  const sendPieces = async (data: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (const piece of inPieces(data, pieceBytes)) {
      sendOne(channel, piece)
      await drained()
    }
  }
  const whole = new Whole()
  const buffer = new MessageBuffer()
  channel.onmessage = ({ data }) => {
    const message = whole.take(contentOf(data))
    if (message) buffer.take(message)
  }
  return {
    send: (data) => {
      if (data.length > pieceBytes) return sendPieces(data)
      channel.send(data)
      return drained()
    },
    listen: buffer.listen,
  }
}

export const sendOne = (channel: RTCDataChannel, piece: string | Uint8Array<ArrayBuffer>): void => {
  // Two calls, because the types of `send` are overloads.
  if (typeof piece === 'string') channel.send(piece)
  else channel.send(piece)
}
