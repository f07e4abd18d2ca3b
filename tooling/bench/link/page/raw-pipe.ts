import { Inbox, type Pipe } from './contestant.ts'
import { contentOf, inPieces, Whole } from './pieces.ts'

/** One message of 256 KiB in the queue: the best of the plain settings that were tried. */
export const plain = { pieceBytes: 256 * 1024, highBytes: 256 * 1024 - 1, lowBytes: 64 * 1024 }

export interface PlainSettings {
  readonly pieceBytes: number
  /** Above it a sender waits. */
  readonly highBytes: number
  /** Below it a sender goes on. */
  readonly lowBytes: number
}

/** A raw channel with back-pressure by its `bufferedAmount`. */
export const plainPipe = (channel: RTCDataChannel, settings: PlainSettings): Pipe => {
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
  const inbox = new Inbox()
  channel.onmessage = ({ data }) => {
    const message = whole.take(contentOf(data))
    if (message) inbox.take(message)
  }
  return {
    send: (data) => {
      if (data.length > pieceBytes) return sendPieces(data)
      channel.send(data)
      return drained()
    },
    listen: inbox.listen,
  }
}

export const sendOne = (channel: RTCDataChannel, piece: string | Uint8Array<ArrayBuffer>): void => {
  // Two calls, since the types of `send` are overloads.
  if (typeof piece === 'string') channel.send(piece)
  else channel.send(piece)
}
