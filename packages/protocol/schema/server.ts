import Type from 'typebox'
import { epoch, millis, nullable, peerId, revision, term } from './parts.ts'

export const welcome = Type.Object(
  {
    type: Type.Literal('welcome'),
    v: Type.Literal(1),
    self: Type.Ref('Member'),
    room: Type.String(),
    epoch,
    revision,
    term,
    host: nullable(peerId),
    peers: Type.Array(Type.Ref('Member'), { description: 'The other members, in join order.' }),
    resume: Type.String({ description: 'The resume token, opaque to the client.' }),
    resumed: Type.Boolean({ description: 'Whether an earlier membership was resumed.' }),
    iceServers: Type.Array(Type.Ref('IceServer')),
    limits: Type.Ref('Limits'),
  },
  {
    description:
      "The complete state of the room, including the client's own join; may come at any time.",
  },
)

export const peerJoined = Type.Object({
  type: Type.Literal('peer-joined'),
  revision,
  peer: Type.Ref('Member'),
})

export const peerLeft = Type.Object({
  type: Type.Literal('peer-left'),
  revision,
  id: peerId,
  reason: Type.Ref('LeaveReason'),
})

export const peerUpdated = Type.Object(
  { type: Type.Literal('peer-updated'), revision, peer: Type.Ref('Member') },
  { description: 'A member changed its values, went offline (`online: false`) or is back.' },
)

export const host = Type.Object({
  type: Type.Literal('host'),
  revision,
  term,
  host: nullable(peerId),
  previous: nullable(peerId),
  reason: Type.Ref('HostReason'),
})

export const resume = Type.Object(
  { type: Type.Literal('resume'), resume: Type.String() },
  { description: 'A fresh resume token; the previous one stays valid until the next.' },
)

export const serverSignal = Type.Object(
  { type: Type.Literal('signal'), from: peerId, data: Type.Ref('SignalData') },
  { description: 'A signal from another member; the server sets `from`.' },
)

export const iceServers = Type.Object(
  { type: Type.Literal('ice-servers'), iceServers: Type.Array(Type.Ref('IceServer')) },
  { description: 'Fresh TURN credentials, before the old ones expire.' },
)

export const ping = Type.Object(
  { type: Type.Literal('ping'), id: Type.Integer() },
  {
    description:
      'The client must reply with a `pong` that has the same id. Unlike a WebSocket ping, which browsers answer for a frozen page, it shows that the page runs.',
  },
)

export const pong = Type.Object({ type: Type.Literal('pong'), id: Type.Integer() })

export const goaway = Type.Object(
  { type: Type.Literal('goaway'), reason: Type.String(), reconnectWithinMs: millis },
  {
    description:
      'The server shuts down: reconnect at a random moment within `reconnectWithinMs`, and keep the old socket until the new welcome.',
  },
)

export const error = Type.Object({
  type: Type.Literal('error'),
  // Any string: a client of this version must accept the error codes of later ones.
  code: Type.String({ tsType: 'ErrorCode' }),
  message: Type.String({ description: 'A sentence in plain English.' }),
  retryable: Type.Boolean(),
  retryAfterMs: nullable(millis),
  about: Type.Union([Type.String(), Type.Null()], {
    description: 'The `type` of the frame that caused the error; `null` when it is not known.',
  }),
})

/** The messages of a server, in the order of PROTOCOL.md. */
export const serverMessages = {
  WelcomeMessage: welcome,
  PeerJoinedMessage: peerJoined,
  PeerLeftMessage: peerLeft,
  PeerUpdatedMessage: peerUpdated,
  HostMessage: host,
  ResumeMessage: resume,
  ServerSignalMessage: serverSignal,
  IceServersMessage: iceServers,
  ServerPingMessage: ping,
  PongMessage: pong,
  GoawayMessage: goaway,
  ErrorMessage: error,
}
