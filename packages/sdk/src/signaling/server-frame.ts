import type { ErrorMessage, PongMessage, ServerMessage } from '@skein/protocol'
import { parseLike, type Samples } from '../base/json.ts'

/** What the server says; a pong has said it all by coming. */
export type ServerFrame = Exclude<ServerMessage, PongMessage>

/** Stands for a message that is known by its type and not by its fields. */
export const malformedFrame: ErrorMessage = {
  type: 'error',
  code: 'bad-message',
  message: 'Malformed server frame.',
  // By another connection, perhaps of another server.
  retryable: true,
  retryAfterMs: null,
  about: null,
}

const member = { id: '', joinOrder: 0 }
const changed = { revision: 0, peer: member }

/**
 * One of each message, with the fields that are walked over or counted with. The server is believed
 * in the rest: it has checked what peers say, and to check every field as `decodeServer` does would
 * cost each page a kilobyte.
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
  'peer-joined': changed,
  'peer-updated': changed,
  'peer-left': { revision: 0, id: '' },
  host: { revision: 0, term: 0 },
  signal: { from: '', data: { link: {} } },
  'ice-servers': { iceServers: [{}] },
  resume: { resume: '' },
  goaway: {},
  error: {},
}

/** `null` for what a newer server may say and this client does not know. Never throws. */
export const readFrame = (data: unknown): ServerFrame | null => {
  const frame = parseLike<ServerFrame>(data, samples)
  return frame === false ? malformedFrame : frame
}
