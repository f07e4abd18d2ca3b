import Type from 'typebox'
import { nullable, peerId, priority } from './parts.ts'

const nullByDefault = { default: null }

export const join = Type.Object(
  {
    type: Type.Literal('join'),
    v: Type.Literal(1, { description: 'The protocol version.' }),
    room: Type.String({
      description: '1–128 bytes of UTF-8 without control characters, used verbatim.',
    }),
    presence: Type.Optional(Type.Union([Type.Ref('Presence'), Type.Null()], nullByDefault)),
    canHost: Type.Optional(
      Type.Boolean({ default: true, description: 'Whether this peer can become host.' }),
    ),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 0 })),
    token: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'The join token, if the server requires one.',
      }),
    ),
    resume: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'The latest resume token, to continue as the same member.',
      }),
    ),
  },
  { description: 'Joins a room or resumes a membership. The first frame of a connection.' },
)

export const clientSignal = Type.Object(
  { type: Type.Literal('signal'), to: peerId, data: Type.Ref('SignalData') },
  { description: 'A signal that the server relays to one member of the same room.' },
)

export const update = Type.Object(
  {
    type: Type.Literal('update'),
    presence: Type.Optional(nullable(Type.Ref('Presence'))),
    canHost: Type.Optional(Type.Boolean()),
    priority: Type.Optional(priority),
  },
  { description: "Changes values of the sender's member; omitted fields keep their values." },
)

export const transferHost = Type.Object(
  { type: Type.Literal('transfer-host'), to: peerId },
  { description: 'The host hands over its role.' },
)

export const kick = Type.Object(
  {
    type: Type.Literal('kick'),
    id: peerId,
    reason: Type.Optional(Type.Union([Type.String(), Type.Null()], nullByDefault)),
  },
  { description: 'Removes a member; the join token must grant the right.' },
)

export const ping = Type.Object(
  { type: Type.Literal('ping'), id: Type.Integer() },
  { description: 'The server replies with a `pong` that has the same id.' },
)

export const leave = Type.Object(
  { type: Type.Literal('leave') },
  { description: 'Ends the membership, without a grace period.' },
)

export const away = Type.Object(
  {
    type: Type.Literal('away'),
    reload: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'true: the page reloads, so the server keeps the membership and the role of host for `limits.reloadGraceMs`. false: the page is put away, so its role goes at once and the membership stays for `limits.memberGraceMs`.',
      }),
    ),
  },
  { description: 'The page stops running but may come back. The last frame of a connection.' },
)

export const pong = Type.Object(
  { type: Type.Literal('pong'), id: Type.Integer() },
  { description: 'The reply to a `ping` of the server, from code that runs in the page.' },
)

export const checkHost = Type.Object(
  { type: Type.Literal('check-host'), host: peerId },
  {
    description:
      'The sender cannot reach the host over its link. The server checks at once whether the host is alive; the message is a hint, never a vote.',
  },
)

/** The messages of a client, in the order of PROTOCOL.md. */
export const clientMessages = {
  JoinMessage: join,
  ClientSignalMessage: clientSignal,
  UpdateMessage: update,
  TransferHostMessage: transferHost,
  KickMessage: kick,
  PingMessage: ping,
  LeaveMessage: leave,
  AwayMessage: away,
  ClientPongMessage: pong,
  CheckHostMessage: checkHost,
}
