import { MessageBuffer, type Transport } from './contestant.ts'
import { contentOf, inPieces, Whole } from './pieces.ts'
import { sendOne } from './raw-transport.ts'

const pieceBytes = 64 * 1024

/**
 * A raw channel with an end-to-end window: at most `windowBytes` that the other page has not
 * received. The receiver reports on a second channel, after each quarter of the window.
 */
export const creditTransport = (
  { data, credit }: { readonly data: RTCDataChannel; readonly credit: RTCDataChannel },
  windowBytes: number,
): Transport => {
  let unseenBytes = 0
  let untoldBytes = 0
  let room = Promise.withResolvers<void>()
  credit.onmessage = ({ data: told }) => {
    unseenBytes -= new Uint32Array(told)[0] ?? 0
    if (unseenBytes >= windowBytes) return
    room.resolve()
    room = Promise.withResolvers()
  }
  const sendPiece = (piece: string | Uint8Array<ArrayBuffer>): Promise<void> | undefined => {
    sendOne(data, piece)
    unseenBytes += piece.length
    return unseenBytes < windowBytes ? undefined : room.promise
  }
  const sendPieces = async (message: Uint8Array<ArrayBuffer>): Promise<void> => {
    for (const piece of inPieces(message, pieceBytes)) await sendPiece(piece)
  }
  const whole = new Whole()
  const buffer = new MessageBuffer()
  data.onmessage = ({ data: piece }) => {
    const content = contentOf(piece)
    untoldBytes += content.length
    if (untoldBytes >= windowBytes / 4) {
      credit.send(new Uint32Array([untoldBytes]))
      untoldBytes = 0
    }
    const message = whole.take(content)
    if (message) buffer.take(message)
  }
  return {
    send: (message) => (message.length > pieceBytes ? sendPieces(message) : sendPiece(message)),
    listen: buffer.listen,
  }
}
