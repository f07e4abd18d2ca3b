import { decodeClient, decodeServer, encode, errorMessage } from '../src/codec/index.ts'
import { peerId } from '../src/ids.ts'
import type { ServerMessage } from '../src/messages.ts'
import {
  badFrames,
  candidateOf,
  hostOf,
  joinOf,
  keyOf,
  memberOf,
  oddRoomNames,
  offerOf,
  peerJoinedOf,
  peerLeftOf,
  peerUpdatedOf,
  welcomeOf,
} from '../src/testing/index.ts'

/** The text of a frame, and the message or failure that it decodes to. */
export interface MessageVector {
  readonly name: string
  readonly text: string
  readonly decoded: unknown
}

const clientTexts: Readonly<Record<string, string>> = {
  'a join with defaults left out': '{"type":"join","v":1,"room":"blue-door"}',
  'a join with everything': encode(
    joinOf({ presence: { name: 'Ann' }, canHost: false, priority: 100, token: 't', resume: 'r' }),
  ),
  ...Object.fromEntries(
    oddRoomNames.map((room, index) => [`an odd room name ${index}`, encode(joinOf({ room }))]),
  ),
  'an unknown field': '{"type":"leave","why":"bored"}',
  'a forged from': JSON.stringify({ type: 'signal', from: 'eve', to: 'ben', data: offerOf() }),
  'a candidate': encode({ type: 'signal', to: peerId('ben'), data: candidateOf() }),
  'the end of candidates': encode({ type: 'signal', to: peerId('ben'), data: candidateOf(null) }),
  'a public key': encode({ type: 'signal', to: peerId('ben'), data: keyOf() }),
  'an update of one field': '{"type":"update","canHost":false}',
  'an update of nothing': '{"type":"update"}',
  'a transfer': '{"type":"transfer-host","to":"ben"}',
  'a kick without a reason': '{"type":"kick","id":"ben"}',
  'a ping': '{"type":"ping","id":7}',
  ...badFrames,
}

const serverMessages: readonly ServerMessage[] = [
  welcomeOf({
    peers: [memberOf({ id: peerId('ben'), joinOrder: 1, presence: { name: 'Ben' } })],
    iceServers: [{ urls: ['turn:turn.example.org'], username: '1:ann', credential: 'c' }],
  }),
  peerJoinedOf(),
  peerLeftOf(),
  peerUpdatedOf(),
  hostOf(),
  hostOf({ host: null, reason: 'timeout' }),
  { type: 'resume', resume: 'token' },
  { type: 'signal', from: peerId('ben'), data: offerOf() },
  { type: 'signal', from: peerId('ben'), data: keyOf() },
  { type: 'ice-servers', iceServers: [{ urls: 'stun:stun.example.org' }] },
  { type: 'pong', id: 7 },
  { type: 'goaway', reason: 'deploy', reconnectWithinMs: 5_000 },
  errorMessage({ code: 'rate-limited', about: 'signal', retryAfterMs: 250 }),
]

/** Longer texts are only in the tests, to keep the files readable. */
const maxTextLength = 2_000

/** The vectors of messages from clients. */
export const clientVectors = (): readonly MessageVector[] =>
  Object.entries(clientTexts)
    .filter(([, text]) => text.length <= maxTextLength)
    .map(([name, text]) => ({ name, text, decoded: decodeClient(text) }))

/** The vectors of messages from servers. */
export const serverVectors = (): readonly MessageVector[] => [
  ...serverMessages.map((message) => ({
    name: `a ${message.type}`,
    text: encode(message),
    decoded: decodeServer(encode(message)),
  })),
  ...['{"type":"later"}', '{"type":"pong"}', 'null'].map((text) => ({
    name: `what is no message: ${text}`,
    text,
    decoded: decodeServer(text),
  })),
]
