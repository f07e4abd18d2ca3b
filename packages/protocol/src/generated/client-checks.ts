// Generated from schema/ by `pnpm generate`: edit it there.

const pattern1 = /^[A-Za-z0-9_-]{1,64}$/u

const isPresence = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isIceCandidate = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (!('candidate' in value) || typeof value.candidate === 'string') &&
  (!('sdpMid' in value) || typeof value.sdpMid === 'string' || value.sdpMid === null) &&
  (!('sdpMLineIndex' in value) ||
    (typeof value.sdpMLineIndex === 'number' &&
      Number.isInteger(value.sdpMLineIndex) &&
      value.sdpMLineIndex >= 0 &&
      value.sdpMLineIndex <= 65535) ||
    value.sdpMLineIndex === null) &&
  (!('usernameFragment' in value) ||
    typeof value.usernameFragment === 'string' ||
    value.usernameFragment === null)

const isSessionDescription = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'sdp' in value &&
  (value.type === 'offer' ||
    value.type === 'answer' ||
    value.type === 'pranswer' ||
    value.type === 'rollback') &&
  typeof value.sdp === 'string'

const isLinkIds = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'local' in value &&
  'remote' in value &&
  typeof value.local === 'string' &&
  (typeof value.remote === 'string' || value.remote === null)

const isSignalData = (value: unknown): boolean =>
  (typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'link' in value &&
    'type' in value &&
    'description' in value &&
    isLinkIds(value.link) &&
    value.type === 'description' &&
    isSessionDescription(value.description)) ||
  (typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'link' in value &&
    'type' in value &&
    'candidate' in value &&
    isLinkIds(value.link) &&
    value.type === 'candidate' &&
    (isIceCandidate(value.candidate) || value.candidate === null) &&
    (!('key' in value) || typeof value.key === 'string'))

const isJoinMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'v' in value &&
  'room' in value &&
  value.type === 'join' &&
  value.v === 1 &&
  typeof value.room === 'string' &&
  (!('presence' in value) || isPresence(value.presence) || value.presence === null) &&
  (!('canHost' in value) || typeof value.canHost === 'boolean') &&
  (!('priority' in value) ||
    (typeof value.priority === 'number' &&
      Number.isInteger(value.priority) &&
      value.priority >= 0 &&
      value.priority <= 100)) &&
  (!('token' in value) || typeof value.token === 'string' || value.token === null) &&
  (!('resume' in value) || typeof value.resume === 'string' || value.resume === null)

const isClientSignalMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'to' in value &&
  'data' in value &&
  value.type === 'signal' &&
  typeof value.to === 'string' &&
  pattern1.test(value.to) &&
  isSignalData(value.data)

const isUpdateMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  value.type === 'update' &&
  (!('presence' in value) || isPresence(value.presence) || value.presence === null) &&
  (!('canHost' in value) || typeof value.canHost === 'boolean') &&
  (!('priority' in value) ||
    (typeof value.priority === 'number' &&
      Number.isInteger(value.priority) &&
      value.priority >= 0 &&
      value.priority <= 100))

const isTransferHostMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'to' in value &&
  value.type === 'transfer-host' &&
  typeof value.to === 'string' &&
  pattern1.test(value.to)

const isKickMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'id' in value &&
  value.type === 'kick' &&
  typeof value.id === 'string' &&
  pattern1.test(value.id) &&
  (!('reason' in value) || typeof value.reason === 'string' || value.reason === null)

const isPingMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'id' in value &&
  value.type === 'ping' &&
  typeof value.id === 'number' &&
  Number.isInteger(value.id)

const isLeaveMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  value.type === 'leave'

const isAwayMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  value.type === 'away' &&
  (!('reload' in value) || typeof value.reload === 'boolean')

const isClientPongMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'id' in value &&
  value.type === 'pong' &&
  typeof value.id === 'number' &&
  Number.isInteger(value.id)

const isCheckHostMessage = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'type' in value &&
  'host' in value &&
  value.type === 'check-host' &&
  typeof value.host === 'string' &&
  pattern1.test(value.host)

/** Whether a value is a valid message of that `type`. */
export const checks: Readonly<
  Record<
    | 'join'
    | 'signal'
    | 'update'
    | 'transfer-host'
    | 'kick'
    | 'ping'
    | 'leave'
    | 'away'
    | 'pong'
    | 'check-host',
    (value: unknown) => boolean
  >
> = {
  join: isJoinMessage,
  signal: isClientSignalMessage,
  update: isUpdateMessage,
  'transfer-host': isTransferHostMessage,
  kick: isKickMessage,
  ping: isPingMessage,
  leave: isLeaveMessage,
  away: isAwayMessage,
  pong: isClientPongMessage,
  'check-host': isCheckHostMessage,
}

/** A check for each field: slow, only used to name the invalid field. */
export const fieldChecks: Readonly<
  Record<keyof typeof checks, Readonly<Record<string, FieldCheck>>>
> = {
  join: {
    v: { test: (value) => value === 1, expected: '1' },
    room: { test: (value) => typeof value === 'string', expected: 'a string' },
    presence: {
      test: (value) => value === undefined || isPresence(value) || value === null,
      expected: 'an object or null',
    },
    canHost: {
      test: (value) => value === undefined || typeof value === 'boolean',
      expected: 'true or false',
    },
    priority: {
      test: (value) =>
        value === undefined ||
        (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100),
      expected: 'an integer from 0 to 100',
    },
    token: {
      test: (value) => value === undefined || typeof value === 'string' || value === null,
      expected: 'a string or null',
    },
    resume: {
      test: (value) => value === undefined || typeof value === 'string' || value === null,
      expected: 'a string or null',
    },
  },
  signal: {
    to: {
      test: (value) => typeof value === 'string' && pattern1.test(value),
      expected: 'the id of a peer',
    },
    data: {
      test: (value) => isSignalData(value),
      expected: 'a description or a candidate of a link',
    },
  },
  update: {
    presence: {
      test: (value) => value === undefined || isPresence(value) || value === null,
      expected: 'an object or null',
    },
    canHost: {
      test: (value) => value === undefined || typeof value === 'boolean',
      expected: 'true or false',
    },
    priority: {
      test: (value) =>
        value === undefined ||
        (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100),
      expected: 'an integer from 0 to 100',
    },
  },
  'transfer-host': {
    to: {
      test: (value) => typeof value === 'string' && pattern1.test(value),
      expected: 'the id of a peer',
    },
  },
  kick: {
    id: {
      test: (value) => typeof value === 'string' && pattern1.test(value),
      expected: 'the id of a peer',
    },
    reason: {
      test: (value) => value === undefined || typeof value === 'string' || value === null,
      expected: 'a string or null',
    },
  },
  ping: {
    id: {
      test: (value) => typeof value === 'number' && Number.isInteger(value),
      expected: 'an integer',
    },
  },
  leave: {},
  away: {
    reload: {
      test: (value) => value === undefined || typeof value === 'boolean',
      expected: 'true or false',
    },
  },
  pong: {
    id: {
      test: (value) => typeof value === 'number' && Number.isInteger(value),
      expected: 'an integer',
    },
  },
  'check-host': {
    host: {
      test: (value) => typeof value === 'string' && pattern1.test(value),
      expected: 'the id of a peer',
    },
  },
}

interface FieldCheck {
  readonly test: (value: unknown) => boolean
  /** Follows "must be". */
  readonly expected: string
}
