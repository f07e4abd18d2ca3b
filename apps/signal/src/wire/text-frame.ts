import { type DecodeFailure, encode, type Result } from '@skein/protocol'

/**
 * Returns a WebSocket text frame as a server sends it: unfragmented, unmasked, uncompressed. Built
 * here instead of in `ws`, so that a frame is one buffer and one write, shared by all receivers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export const textFrame = (text: string): Buffer => {
  const bytes = Buffer.byteLength(text)
  const frame = allocateTextFrame(bytes)
  frame.write(text, headerBytes(bytes))
  return frame
}

/** Allocates a frame and writes its header; the payload starts at `headerBytes(payloadBytes)`. */
export const allocateTextFrame = (payloadBytes: number): Buffer => {
  const frame = Buffer.allocUnsafe(headerBytes(payloadBytes) + payloadBytes)
  frame[0] = finalText
  if (payloadBytes < 126) frame[1] = payloadBytes
  else if (payloadBytes < 65_536) {
    frame[1] = 126
    frame.writeUInt16BE(payloadBytes, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2)
  }
  return frame
}

/** Returns the length of the header of a frame. */
export const headerBytes = (payloadBytes: number): number => {
  if (payloadBytes < 126) return 2
  return payloadBytes < 65_536 ? 4 : 10
}

/** FIN, opcode 1. */
const finalText = 0x81

/** A ping without payload: FIN, opcode 9. */
export const pingFrame: Buffer = Buffer.from([0x89, 0])

/** A `ping` message. The same for all: whoever answers is alive, whatever it answers to. */
export const pingMessageFrame: Buffer = textFrame(encode({ type: 'ping', id: 0 }))

/** The result of decoding a binary frame. */
export const binaryFrame: Extract<Result<never, DecodeFailure>, { ok: false }> = {
  ok: false,
  error: { code: 'bad-message', message: 'A frame must be text, not binary.', about: null },
}
