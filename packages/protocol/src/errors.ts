/** One entry of the catalogue: `docs/errors.md` is generated from it. */
export interface ErrorEntry {
  /** `wire`: the server says it. `sdk`: an operation of the SDK rejects with it. `both`: either. */
  readonly scope: 'wire' | 'sdk' | 'both'
  /** Plain English, a sentence. */
  readonly message: string
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** What to do about it. */
  readonly remedy: string
}

/** Every error that Skein knows, by its code. */
export const errorCatalogue = {
  'bad-message': {
    scope: 'both',
    message: 'The message is not one of the protocol.',
    retryable: false,
    remedy: 'Check the fields against PROTOCOL.md.',
  },
  'unsupported-version': {
    scope: 'both',
    message: 'The server does not speak this version of the protocol.',
    retryable: false,
    remedy: 'Update the SDK or the server so that both speak one version.',
  },
  'not-joined': {
    scope: 'both',
    message: 'The first message of a connection must be a join.',
    retryable: false,
    remedy: 'Send `join` and wait for the welcome.',
  },
  'already-joined': {
    scope: 'wire',
    message: 'This connection is in a room already.',
    retryable: false,
    remedy: 'Open one connection for each room.',
  },
  'room-full': {
    scope: 'both',
    message: 'The room has as many members as it may have.',
    retryable: true,
    remedy: 'Try later, or raise SKEIN_MAX_ROOM_MEMBERS.',
  },
  unauthorized: {
    scope: 'both',
    message: 'The token does not allow this.',
    retryable: false,
    remedy: 'Ask for a fresh token that grants the right.',
  },
  'origin-refused': {
    scope: 'both',
    message: 'Pages of this origin may not use this server.',
    retryable: false,
    remedy: 'Add the origin to SKEIN_ORIGINS.',
  },
  'peer-not-found': {
    scope: 'both',
    message: 'No such peer is in the room.',
    retryable: false,
    remedy: 'Look the peer up in `room.peers` first.',
  },
  'peer-unreachable': {
    scope: 'both',
    message: 'The peer is a member but cannot be reached now.',
    retryable: true,
    remedy: 'Wait for its link to open (`linkchange`), then send again.',
  },
  'not-host': {
    scope: 'both',
    message: 'Only the host may do this.',
    retryable: false,
    remedy: 'Check `room.isHost` first.',
  },
  'not-eligible': {
    scope: 'both',
    message: 'This peer cannot be host: it is offline or does not want to be.',
    retryable: false,
    remedy: 'Choose a peer that is online and has `canHost`.',
  },
  'rate-limited': {
    scope: 'both',
    message: 'Too many messages in too short a time.',
    retryable: true,
    remedy: 'Wait for `retryAfterMs`.',
  },
  'too-large': {
    scope: 'both',
    message: 'The message is larger than allowed.',
    retryable: false,
    remedy: 'Send less at once; a file goes through `room.files`.',
  },
  overloaded: {
    scope: 'both',
    message: 'The server takes no newcomers at the moment.',
    retryable: true,
    remedy: 'Try again after `retryAfterMs`.',
  },
  'resume-rejected': {
    scope: 'wire',
    message: 'The membership cannot be resumed.',
    retryable: true,
    remedy: 'Join afresh.',
  },
  timeout: {
    scope: 'both',
    message: 'It took too long.',
    retryable: true,
    remedy: 'Try again, or allow more time.',
  },
  'peer-gone': {
    scope: 'sdk',
    message: 'The peer left before it could be reached.',
    retryable: false,
    remedy: 'Nothing: the peer is no longer in the room.',
  },
  aborted: {
    scope: 'sdk',
    message: 'The operation was aborted by its signal.',
    retryable: false,
    remedy: 'Nothing: it was asked for.',
  },
  closed: {
    scope: 'sdk',
    message: 'The room is closed.',
    retryable: false,
    remedy: 'Join again.',
  },
  'queue-full': {
    scope: 'sdk',
    message: 'More is waiting to be sent than may wait.',
    retryable: true,
    remedy: 'Await each `send` before the next.',
  },
  'host-changed': {
    scope: 'sdk',
    message: 'The host changed; the old one may have handled the message.',
    retryable: false,
    remedy: 'Ask the new host what it knows, then decide.',
  },
  'stale-term': {
    scope: 'sdk',
    message: 'The message belongs to an earlier reign and was dropped.',
    retryable: false,
    remedy: 'Read `room.host` and `room.term` anew.',
  },
  'no-handler': {
    scope: 'sdk',
    message: 'The peer has no handler for this call.',
    retryable: false,
    remedy: 'Register it with `room.handle` on the peer that is called.',
  },
  'handler-failed': {
    scope: 'sdk',
    message: 'The handler on the other side threw.',
    retryable: false,
    remedy: 'Read the message of the error: it comes from the handler.',
  },
  'connect-failed': {
    scope: 'sdk',
    message: 'No connection to the signaling server.',
    retryable: true,
    remedy: 'Check the url and that the server runs.',
  },
  'bad-argument': {
    scope: 'sdk',
    message: 'An argument of the call is not valid.',
    retryable: false,
    remedy: 'Read the message: it names the argument.',
  },
} as const

/** The catalogue with entries of one type, to walk over. */
export const errorEntries: Readonly<Record<SkeinErrorCode, ErrorEntry>> = errorCatalogue

export type SkeinErrorCode = keyof typeof errorCatalogue

/** The codes that travel in an `error` message. */
export type ErrorCode = {
  [Code in SkeinErrorCode]: (typeof errorCatalogue)[Code]['scope'] extends 'sdk' ? never : Code
}[SkeinErrorCode]
