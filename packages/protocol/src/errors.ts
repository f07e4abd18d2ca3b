/** One entry of the catalogue. `docs/errors.md` is generated from it. */
export interface ErrorEntry {
  /** `wire`: the server sends it. `sdk`: an SDK operation rejects with it. `both`: either one. */
  readonly scope: 'wire' | 'sdk' | 'both'
  /** One sentence in plain English. */
  readonly message: string
  /** Whether the same call, unchanged, may succeed later. */
  readonly retryable: boolean
  /** What to do about it. */
  readonly remedy: string
}

/** Every Skein error, by code. */
export const errorCatalogue = {
  'bad-message': {
    scope: 'both',
    message: 'The message does not follow the protocol.',
    retryable: false,
    remedy: 'Check the fields against PROTOCOL.md.',
  },
  'unsupported-version': {
    scope: 'both',
    message: 'The server does not support this protocol version.',
    retryable: false,
    remedy: 'Update the SDK or the server so that both use the same version.',
  },
  'not-joined': {
    scope: 'both',
    message: 'The first message on a connection must be a join.',
    retryable: false,
    remedy: 'Send `join` and wait for `welcome`.',
  },
  'already-joined': {
    scope: 'wire',
    message: 'This connection has already joined a room.',
    retryable: false,
    remedy: 'Open one connection per room.',
  },
  'room-full': {
    scope: 'both',
    message: 'The room has as many members as it may have.',
    retryable: true,
    remedy: 'Try again later, or raise SKEIN_MAX_ROOM_MEMBERS.',
  },
  unauthorized: {
    scope: 'both',
    message: 'The token does not allow this.',
    retryable: false,
    remedy: 'Request a new token that grants the right.',
  },
  'origin-refused': {
    scope: 'both',
    message: 'This server does not accept pages from this origin.',
    retryable: false,
    remedy: 'Add the origin to SKEIN_ORIGINS.',
  },
  'peer-not-found': {
    scope: 'both',
    message: 'No such peer is in the room.',
    retryable: false,
    remedy: 'Check `room.peers` first.',
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
    message: 'This peer cannot be host: it is offline or has `canHost` set to false.',
    retryable: false,
    remedy: 'Choose a peer that is online and has `canHost`.',
  },
  'rate-limited': {
    scope: 'both',
    message: 'Too many messages in too short a time.',
    retryable: true,
    remedy: 'Wait `retryAfterMs` milliseconds, then try again.',
  },
  'too-large': {
    scope: 'both',
    message: 'The message is too large.',
    retryable: false,
    remedy: 'Split it into smaller messages.',
  },
  overloaded: {
    scope: 'both',
    message: 'The server cannot process the request right now.',
    retryable: true,
    remedy: 'Wait `retryAfterMs` milliseconds, then try again.',
  },
  'resume-rejected': {
    scope: 'wire',
    message: 'The membership cannot be resumed.',
    retryable: true,
    remedy: 'Join as a new member.',
  },
  timeout: {
    scope: 'both',
    message: 'The operation timed out.',
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
    message: 'The operation was aborted by its `AbortSignal`.',
    retryable: false,
    remedy: 'Nothing: the caller aborted it.',
  },
  closed: {
    scope: 'sdk',
    message: 'The room is closed.',
    retryable: false,
    remedy: 'Join again.',
  },
  'queue-full': {
    scope: 'sdk',
    message: 'The send queue is full, or an unreliable channel dropped the message.',
    retryable: true,
    remedy: 'Await each `send` before the next one.',
  },
  'host-changed': {
    scope: 'sdk',
    message: 'The host changed; the previous host may have handled the message.',
    retryable: false,
    remedy: 'Ask the new host for its state, then decide whether to send again.',
  },
  'stale-term': {
    scope: 'sdk',
    message: 'The message belongs to an earlier host term and was dropped.',
    retryable: false,
    remedy: 'Read `room.host` and `room.term` again.',
  },
  'no-handler': {
    scope: 'sdk',
    message: 'The peer has no handler for this call, or no listener on this channel.',
    retryable: false,
    remedy: 'Register one on that peer, with `room.handle` or `channel.on`.',
  },
  'handler-failed': {
    scope: 'sdk',
    message: 'The handler or listener on the other peer threw an error.',
    retryable: false,
    remedy: 'A call: read the error message. A message: read the console of that peer.',
  },
  'connect-failed': {
    scope: 'sdk',
    message: 'Could not connect to the signaling server.',
    retryable: true,
    remedy: 'Check the URL, and that the server is running.',
  },
  'bad-argument': {
    scope: 'sdk',
    message: 'An argument is not valid.',
    retryable: false,
    remedy: 'Read the error message: it names the argument.',
  },
} as const

/** The catalogue with a uniform entry type, for iteration. */
export const errorEntries: Readonly<Record<SkeinErrorCode, ErrorEntry>> = errorCatalogue

export type SkeinErrorCode = keyof typeof errorCatalogue

/** The codes that an `error` message can carry. */
export type ErrorCode = {
  [Code in SkeinErrorCode]: (typeof errorCatalogue)[Code]['scope'] extends 'sdk' ? never : Code
}[SkeinErrorCode]
