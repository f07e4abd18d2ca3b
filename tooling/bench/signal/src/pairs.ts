import { frameOf, RawClient } from './raw-client.ts'

/** Two clients of one room; the first sends to the second. */
export interface Pair {
  readonly sender: RawClient
  /** What to send, in turn: ten candidates, then an offer. */
  readonly frames: readonly Buffer[]
  sent: number
  received: number
  /** When the messages on their way were sent; only filled while latency is measured. */
  readonly sentAt: number[]
  onReceived: (() => void) | null
}

export const openPairs = (port: number, count: number): Promise<readonly Pair[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => openPair(port, `pair ${n}`)))

const openPair = async (port: number, room: string): Promise<Pair> => {
  const [sender, receiver] = [await RawClient.open(port), await RawClient.open(port)]
  await sender.join(room)
  const to = await receiver.join(room)
  sender.onText = () => {}
  const pair: Pair = {
    sender,
    frames: [...Array.from({ length: 10 }, () => candidateFrame(to)), offerFrame(to)],
    sent: 0,
    received: 0,
    sentAt: [],
    onReceived: null,
  }
  receiver.onText = (chunk, start) => {
    if (chunk[start + typeAt] !== letterS) return
    pair.received += 1
    pair.onReceived?.()
  }
  return pair
}

export const sendNext = (pair: Pair): void => {
  const frame = pair.frames[pair.sent % pair.frames.length]
  if (frame !== undefined) pair.sender.send(frame)
  pair.sent += 1
}

/** `{"type":"signal"` is told from all others by the first letter of its type. */
const typeAt = '{"type":"'.length
const letterS = 's'.charCodeAt(0)

const link = { local: 'Zm9vYmFyYmF6', remote: 'cXV1eGNvcmdl' }

/** About 200 bytes, as browsers write them. */
const candidateFrame = (to: string): Buffer => {
  const line = 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx'
  const candidate = { candidate: line, sdpMid: '0', sdpMLineIndex: 0 }
  return frameOf(
    JSON.stringify({ type: 'signal', to, data: { link, type: 'candidate', candidate } }),
  )
}

/** About 3 KB. */
const offerFrame = (to: string): Buffer => {
  const lines = Array.from({ length: 64 }, (_, n) => `a=rtpmap:${96 + n} opus/48000/2;x="${n}"`)
  const sdp = `v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n${lines.join('\r\n')}\r\n`
  const description = { type: 'offer', sdp: sdp.padEnd(2_750, 'a=x\r\n') }
  return frameOf(
    JSON.stringify({ type: 'signal', to, data: { link, type: 'description', description } }),
  )
}
