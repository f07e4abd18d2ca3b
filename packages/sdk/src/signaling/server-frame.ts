import type { ErrorMessage, PongMessage, ServerMessage } from '@skein/protocol'
import { parseLike, type Samples } from '../base/json.ts'

/** A message of the server. A pong has no content: its arrival is enough. */
export type ServerFrame = Exclude<ServerMessage, PongMessage>

/** Stands for a message of a known type with invalid fields. */
export const malformedFrame: ErrorMessage = {
  type: 'error',
  code: 'bad-message',
  message: 'Malformed server frame.',
  // A new connection may reach another server.
  retryable: true,
  retryAfterMs: null,
  about: null,
}

const member = { id: '', joinOrder: 0 }
const memberChange = { revision: 0, peer: member }

/**
 * A sample of each message, with the fields that this code iterates over or calculates with. The
 * other fields are trusted: the server has validated what peers send, and checking every field as
 * `decodeServer` does would add a kilobyte to every page.
 */
const samples: Samples = {
  welcome: {
    self: member,
    peers: [member],
    term: 0,
    revision: 0,
    resume: '',
    iceServers: [{}],
    limits: { signalsPerSecond: 0, signalsBurst: 0 },
  },
  'peer-joined': memberChange,
  'peer-updated': memberChange,
  'peer-left': { revision: 0, id: '' },
  host: { revision: 0, term: 0 },
  signal: { from: '', data: { link: {} } },
  'ice-servers': { iceServers: [{}] },
  resume: { resume: '' },
  goaway: {},
  ping: {},
  error: {},
}

/** Parses a frame; `null` for types that only a newer server sends. Never throws. */
export const readFrame = (data: unknown): ServerFrame | null => {
  const frame = parseLike<ServerFrame>(data, samples)
  return frame === false ? malformedFrame : frame
}
