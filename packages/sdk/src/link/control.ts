import { parseLike, type Samples } from '../base/json.ts'
import type { NegotiationMessage } from './negotiation.ts'

/** What travels on the control channel, one JSON object per message. @see LINKS.md */
export type ControlMessage =
  | NegotiationMessage
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'pong'; readonly id: number }
  /** The sender uses this connection from now on, after `id - 1` others. */
  | { readonly type: 'use'; readonly id: number }
  /** The sender closes this link on purpose: do not repair it. */
  | { readonly type: 'bye' }

export const controlLabel = 'skein-control'

/** In UTF-16 code units; as for frames to the server. It bounds what is kept of descriptions. */
const maxLength = 64 * 1024

/** A `null` candidate (the end of candidates) does not match: it needs no action. */
const samples: Samples = {
  description: { description: { type: '', sdp: '' } },
  candidate: { candidate: {} },
  ping: { id: 0 },
  pong: { id: 0 },
  use: { id: 0 },
  bye: {},
}

/** Parses a message of the other peer, which is not trusted; `null` if it is not valid. */
export const parseControl = (data: unknown): ControlMessage | null =>
  (String(data).length <= maxLength && parseLike<ControlMessage>(data, samples)) || null
