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
    resume: Type.String({ description: 'The resume token: opaque to the client.' }),
    resumed: Type.Boolean({ description: 'Whether this is the membership that was resumed.' }),
    iceServers: Type.Array(Type.Ref('IceServer')),
    limits: Type.Ref('Limits'),
  },
  {
    description: 'The whole truth about the room; may come at any time and contains its own join.',
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
  { description: 'Also when it goes `online: false`, and when it comes back.' },
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
  { description: 'A fresh resume token; the one before it stays good until the next.' },
)

export const serverSignal = Type.Object(
  { type: Type.Literal('signal'), from: peerId, data: Type.Ref('SignalData') },
  { description: 'A signal of another member; `from` is written by the server.' },
)

export const iceServers = Type.Object(
  { type: Type.Literal('ice-servers'), iceServers: Type.Array(Type.Ref('IceServer')) },
  { description: 'Fresh TURN credentials, before the old ones expire.' },
)

export const pong = Type.Object({ type: Type.Literal('pong'), id: Type.Integer() })

export const goaway = Type.Object(
  { type: Type.Literal('goaway'), reason: Type.String(), reconnectWithinMs: millis },
  {
    description:
      'A deploy: connect anew at a random moment within it; keep the old socket until the new welcome.',
  },
)

export const error = Type.Object({
  type: Type.Literal('error'),
  // Open on purpose: a client of this version must survive a code of the next.
  code: Type.String({ tsType: 'ErrorCode' }),
  message: Type.String({ description: 'Plain English.' }),
  retryable: Type.Boolean(),
  retryAfterMs: nullable(millis),
  about: Type.Union([Type.String(), Type.Null()], {
    description: 'The `type` of the frame it answers; `null` when that is not known.',
  }),
})

/** What a server may send, in the order of PROTOCOL.md. */
export const serverMessages = {
  WelcomeMessage: welcome,
  PeerJoinedMessage: peerJoined,
  PeerLeftMessage: peerLeft,
  PeerUpdatedMessage: peerUpdated,
  HostMessage: host,
  ResumeMessage: resume,
  ServerSignalMessage: serverSignal,
  IceServersMessage: iceServers,
  PongMessage: pong,
  GoawayMessage: goaway,
  ErrorMessage: error,
}
