import { checks, fieldChecks } from '../generated/client-checks.ts'
import { defaultLimits, maxRoomNameBytes } from '../limits.ts'
import type { ClientMessage, JoinMessage, Presence, UpdateMessage } from '../messages.ts'
import type { Result } from '../result.ts'
import { protocolVersion } from '../version.ts'
import type { DecodeFailure } from './failure.ts'
import { failure, parse, type Untrusted } from './parse.ts'
import { hasControlCharacter, hasLoneSurrogate, utf8Bytes } from './text.ts'

/**
 * Decodes a frame from a client. Never throws.
 *
 * The message has only the fields that the protocol names, with defaults filled in. The contents of
 * `presence` and `signal.data` are left unchanged.
 */
export const decodeClient = (text: string): Result<ClientMessage, DecodeFailure> => {
  const parsed = parse(text)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (!isKnown(value.type)) return failure('The type of the message is unknown.')
  if (value.type === 'join' && value.v !== protocolVersion && Number.isInteger(value.v)) {
    return { ok: false, error: { ...unsupportedVersion, about: 'join' } }
  }
  if (!checks[value.type](value)) return failure(explain(value, value.type), value.type)
  // The check above has validated it.
  const message = value as unknown as ClientMessage
  const violation = checkBeyondSchema(message)
  if (violation !== null) return violation
  return { ok: true, value: pickKnownFields(message) }
}

const isKnown = (type: string): type is ClientMessage['type'] => Object.hasOwn(checks, type)

const unsupportedVersion = {
  code: 'unsupported-version',
  message: `This server speaks version ${protocolVersion} of the protocol.`,
} as const

/** Names the first invalid field. It is slow, and runs only after a failed check. */
const explain = (value: Untrusted, type: ClientMessage['type']): string => {
  for (const [field, { test, expected }] of Object.entries(fieldChecks[type])) {
    if (!test(value[field])) return `${type}.${field} must be ${expected}.`
  }
  return `The message is not a valid ${type}.`
}

/** Checks the rules that a schema cannot express. */
const checkBeyondSchema = (message: ClientMessage): Result<never, DecodeFailure> | null => {
  switch (message.type) {
    case 'join':
      return checkRoomName(message.room) ?? checkPresence(message.presence, 'join')
    case 'update':
      return checkPresence(message.presence, 'update')
    default:
      return null
  }
}

const checkRoomName = (room: string): Result<never, DecodeFailure> | null => {
  const bytes = room.length > maxRoomNameBytes ? room.length : utf8Bytes(room)
  if (bytes < 1 || bytes > maxRoomNameBytes) {
    return failure(`join.room must be 1 to ${maxRoomNameBytes} bytes of UTF-8.`, 'join')
  }
  if (hasControlCharacter(room)) {
    return failure('join.room must be without control characters.', 'join')
  }
  return hasLoneSurrogate(room) ? failure('join.room must be proper Unicode.', 'join') : null
}

const checkPresence = (
  presence: Presence | null | undefined,
  type: 'join' | 'update',
): Result<never, DecodeFailure> | null => {
  if (presence === null || presence === undefined) return null
  const { maxPresenceBytes } = defaultLimits
  if (bytesOf(presence) <= maxPresenceBytes) return null
  const message = `${type}.presence must be at most ${maxPresenceBytes} bytes of JSON.`
  return { ok: false, error: { code: 'too-large', message, about: type } }
}

const bytesOf = (presence: Presence): number => {
  try {
    return utf8Bytes(JSON.stringify(presence))
  } catch {
    // Nested too deeply for the engine's stack: far beyond any limit.
    return Number.POSITIVE_INFINITY
  }
}

/** Drops unknown fields and fills in defaults. */
const pickKnownFields = (message: ClientMessage): ClientMessage => {
  switch (message.type) {
    case 'join':
      return pickJoinFields(message)
    case 'signal':
      return { type: 'signal', to: message.to, data: message.data }
    case 'update':
      return pickUpdateFields(message)
    case 'transfer-host':
      return { type: 'transfer-host', to: message.to }
    case 'kick':
      return { type: 'kick', id: message.id, reason: message.reason ?? null }
    case 'ping':
      return { type: 'ping', id: message.id }
    case 'leave':
      return { type: 'leave' }
    case 'away':
      return { type: 'away', reload: message.reload ?? false }
    case 'pong':
      return { type: 'pong', id: message.id }
    case 'check-host':
      return { type: 'check-host', host: message.host }
  }
}

const pickJoinFields = (
  message: Partial<JoinMessage> & Pick<JoinMessage, 'room'>,
): JoinMessage => ({
  type: 'join',
  v: protocolVersion,
  room: message.room,
  presence: message.presence ?? null,
  canHost: message.canHost ?? true,
  priority: message.priority ?? 0,
  token: message.token ?? null,
  resume: message.resume ?? null,
})

const pickUpdateFields = ({ presence, canHost, priority }: UpdateMessage): UpdateMessage => ({
  type: 'update',
  ...(presence === undefined ? {} : { presence }),
  ...(canHost === undefined ? {} : { canHost }),
  ...(priority === undefined ? {} : { priority }),
})
