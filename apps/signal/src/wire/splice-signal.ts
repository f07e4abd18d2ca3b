import type { PeerId } from '@skein/protocol'
import { allocateTextFrame, headerBytes } from './text-frame.ts'

/**
 * Builds the frame for the receiver of a signal from the frame of the sender, copying the bytes of
 * `data` unchanged. Serializing `data` again would cost a quarter of the time of a relay.
 *
 * Only accepts the layout that encoders write, `{"type":"signal","to":"…","data":{…}}` and nothing
 * else. For any other (order, whitespace, additional or duplicate fields) it returns `null`; the
 * caller then encodes the message again.
 *
 * Why this is correct: the codec parsed the text, so it is one valid JSON object. It starts with
 * these three members in this order and spelling. `endOfData` finds the end of the third value. If
 * only the closing brace follows, there is no other member, so this value is the validated one.
 */
export const spliceSignal = ({ bytes, text, to, from }: Splice): Buffer | null => {
  const dataFrom = start.length + to.length + middle.length
  if (!hasUsualStart(text, to) || text.charCodeAt(text.length - 1) !== closingBrace) return null
  if (endOfData(text, dataFrom) !== text.length - 1) return null
  const head = `{"type":"signal","from":"${from}","data":`
  const dataAt = start.length + Buffer.byteLength(to) + middle.length
  const payloadBytes = head.length + bytes.length - dataAt
  const frame = allocateTextFrame(payloadBytes)
  const headAt = headerBytes(payloadBytes)
  // Ids are ASCII: the server generates them.
  frame.write(head, headAt, 'latin1')
  bytes.copy(frame, headAt + head.length, dataAt)
  return frame
}

/** A signal and the frame it came in. */
export interface Splice {
  /** The payload as received. */
  readonly bytes: Buffer
  /** The same payload, decoded. */
  readonly text: string
  /** `to`, as parsed by the codec. */
  readonly to: PeerId
  /** The sender, as known to the server. */
  readonly from: PeerId
}

const start = '{"type":"signal","to":"'
const middle = '","data":'

const hasUsualStart = (text: string, to: string): boolean =>
  text.startsWith(start) &&
  text.startsWith(to, start.length) &&
  text.startsWith(middle, start.length + to.length)

const quote = 0x22
const backslash = 0x5c
const openingBracket = 0x5b
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

/** The index after the object that begins at `from`, in valid JSON. */
const endOfData = (text: string, from: number): number => {
  let depth = 0
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === quote) index = closingQuote(text, index)
    else depth += depthChange(code)
    if (depth === 0) return index + 1
  }
  return text.length
}

const depthChange = (code: number): number => {
  if (code === openingBrace || code === openingBracket) return 1
  return code === closingBrace || code === closingBracket ? -1 : 0
}

/** An SDP is one long string: jumping from quote to quote makes the scan cheap. */
const closingQuote = (text: string, open: number): number => {
  let close = text.indexOf('"', open + 1)
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
  return close === -1 ? text.length : close
}

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1
  return backslashes % 2 === 1
}
