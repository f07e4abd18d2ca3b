import { type PeerId, peerId } from '@skein/protocol'
import { concat, utf8 } from '../core/bytes.ts'

/** The kinds of frames that a member forwards; the last one is its own answer. */
export const openFrame = 0
export const answerFrame = 1
export const dataFrame = 2
export const closeFrame = 3
export const blockedFrame = 4

/** Why a member does not forward. */
export const blockedReasons = [
  'The member does not reach the peer.',
  'The member does not relay for others.',
  'The member holds too much for the peer.',
] as const

/** What travels between a peer and the member that forwards for it. */
export interface RelayFrame {
  readonly kind: number
  /** Whether it comes from the member, and not from the peer that wrote it. */
  readonly isDelivery: boolean
  /** On the way to the member: for whom. From it: from whom. */
  readonly peer: PeerId
  /** Of the via connection that the frame is for; in an `open`, of the one that it comes from. */
  readonly connection: Uint8Array<ArrayBuffer>
  readonly body: Uint8Array<ArrayBuffer>
}

/** Random, so never the same twice. */
export const connectionIdBytes = 16

const maxPeerIdBytes = 64
/** A bit of the first byte, beside the kind. */
const deliveryFlag = 128
const decoder = new TextDecoder()

export const encodeRelayFrame = ({
  kind,
  isDelivery,
  peer,
  connection,
  body,
}: RelayFrame): Uint8Array<ArrayBuffer> => {
  const id = utf8(peer)
  const head = Uint8Array.of(kind | (isDelivery ? deliveryFlag : 0), id.length)
  return concat([head, id, connection, body])
}

/** `null` if it is malformed. */
export const decodeRelayFrame = (data: unknown): RelayFrame | null => {
  if (!(data instanceof Uint8Array)) return null
  const [first = 0, length = 0] = data
  const kind = first & ~deliveryFlag
  const bodyAt = 2 + length + connectionIdBytes
  if (kind > blockedFrame || length < 1 || length > maxPeerIdBytes || data.length < bodyAt) {
    return null
  }
  return {
    kind,
    isDelivery: first !== kind,
    peer: peerId(decoder.decode(data.subarray(2, 2 + length))),
    connection: data.slice(2 + length, bodyAt),
    body: data.slice(bodyAt),
  }
}
