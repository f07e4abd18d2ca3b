import { parseLike, type Samples } from '../base/json.ts'
import type { NegotiationMessage } from './negotiation.ts'

/** What travels on the control channel, one JSON object a message. @see LINKS.md */
export type ControlMessage =
  | NegotiationMessage
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'pong'; readonly id: number }
  /** I close this link on purpose: do not repair it. */
  | { readonly type: 'bye' }

export const controlLabel = 'skein-control'

/** As much as a frame to the server; it bounds what descriptions and candidates take to keep. */
const maxLength = 64 * 1024

/** The end of candidates, `null`, is nothing to act upon. */
const samples: Samples = {
  description: { description: { type: '', sdp: '' } },
  candidate: { candidate: {} },
  ping: { id: 0 },
  pong: { id: 0 },
  bye: {},
}

/** A message of the other peer, which is not trusted; `null` for what is none of the protocol. */
export const parseControl = (data: unknown): ControlMessage | null =>
  (String(data).length <= maxLength && parseLike<ControlMessage>(data, samples)) || null
