import { checks } from '../generated/server-checks.ts'
import type { ServerMessage } from '../messages.ts'
import type { Result } from '../result.ts'
import type { DecodeFailure } from './failure.ts'
import { failure, parse } from './parse.ts'

/**
 * Decodes a frame from a server. Never throws.
 *
 * Unknown fields are left in place. An unknown `type` is a failure like any other: a client ignores
 * such a message, so that a later server can send new types.
 */
export const decodeServer = (text: string): Result<ServerMessage, DecodeFailure> => {
  const parsed = parse(text)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (!isKnown(value.type)) return failure('The type of the message is unknown.', value.type)
  if (!checks[value.type](value)) return failure('A field of the message is not valid.', value.type)
  // The check above has validated it.
  return { ok: true, value: value as unknown as ServerMessage }
}

const isKnown = (type: string): type is ServerMessage['type'] => Object.hasOwn(checks, type)
