import { isObject, parseObject } from '../json.ts'
import type { NegotiationMessage } from './negotiation.ts'

/** What travels on the control channel, one JSON object a message. @see LINKS.md */
export type ControlMessage =
  | NegotiationMessage
  | { readonly type: 'ping' | 'pong'; readonly id: number }
  /** I close this link on purpose: do not repair it. */
  | { readonly type: 'bye' }

export const controlLabel = 'skein-control'

/** A message of the other peer, which is not trusted; `null` for what is none of the protocol. */
export const parseControl = (data: unknown): ControlMessage | null => {
  const message = parseObject(data)
  return isControlMessage(message) ? message : null
}

const isControlMessage = (message: unknown): message is ControlMessage => {
  if (!isObject(message)) return false
  const { type, id, description, candidate } = message
  if (type === 'ping' || type === 'pong') return typeof id === 'number'
  if (type === 'candidate') return candidate === null || isObject(candidate)
  return type === 'bye' || (type === 'description' && isDescription(description))
}

const isDescription = (description: unknown): boolean =>
  isObject(description) &&
  (description.type === 'offer' || description.type === 'answer') &&
  typeof description.sdp === 'string'
