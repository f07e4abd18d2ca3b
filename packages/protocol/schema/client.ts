import Type from 'typebox'
import { nullable, peerId, priority } from './parts.ts'

const nullByDefault = { default: null }

export const join = Type.Object(
  {
    type: Type.Literal('join'),
    v: Type.Literal(1, { description: 'The version of the protocol.' }),
    room: Type.String({
      description: '1–128 bytes of UTF-8 without control characters, taken verbatim.',
    }),
    presence: Type.Optional(Type.Union([Type.Ref('Presence'), Type.Null()], nullByDefault)),
    canHost: Type.Optional(
      Type.Boolean({ default: true, description: 'Whether this peer may become host.' }),
    ),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 0 })),
    token: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'The right to join, where the server asks for one.',
      }),
    ),
    resume: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'The last resume token: come back as the same member.',
      }),
    ),
  },
  { description: 'Enter a room, or come back to one. The first frame of a connection.' },
)

export const clientSignal = Type.Object(
  { type: Type.Literal('signal'), to: peerId, data: Type.Ref('SignalData') },
  { description: 'Relayed to one member of the same room.' },
)

export const update = Type.Object(
  {
    type: Type.Literal('update'),
    presence: Type.Optional(nullable(Type.Ref('Presence'))),
    canHost: Type.Optional(Type.Boolean()),
    priority: Type.Optional(priority),
  },
  { description: 'Change what others see of me; what is not named stays.' },
)

export const transferHost = Type.Object(
  { type: Type.Literal('transfer-host'), to: peerId },
  { description: 'The host gives its role away.' },
)

export const kick = Type.Object(
  {
    type: Type.Literal('kick'),
    id: peerId,
    reason: Type.Optional(Type.Union([Type.String(), Type.Null()], nullByDefault)),
  },
  { description: 'Remove a member; needs the right in the token.' },
)

export const ping = Type.Object(
  { type: Type.Literal('ping'), id: Type.Integer() },
  { description: 'Answered by a `pong` with the same id.' },
)

export const leave = Type.Object(
  { type: Type.Literal('leave') },
  { description: 'Gone for good: no grace.' },
)

/** What a client may send, in the order of PROTOCOL.md. */
export const clientMessages = {
  JoinMessage: join,
  ClientSignalMessage: clientSignal,
  UpdateMessage: update,
  TransferHostMessage: transferHost,
  KickMessage: kick,
  PingMessage: ping,
  LeaveMessage: leave,
}
