import Type, { type TNull, type TSchema, type TUnion } from 'typebox'

/**
 * `tsType`: the name of a hand-written type that the generated interface uses in place of the
 * structural one (brands, catalogues). It does not reach `vectors/schema.json`.
 */
export const peerId = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,64}$',
  tsType: 'PeerId',
})
export const revision = Type.Integer({ minimum: 0 })
export const term = Type.Integer({ minimum: 0, tsType: 'Term' })
export const epoch = Type.Integer({ minimum: 0, tsType: 'Epoch' })
export const millis = Type.Integer({ minimum: 0, tsType: 'Millis' })
export const priority = Type.Integer({ minimum: 0, maximum: 100 })

export const presence = Type.Unsafe({
  type: 'object',
  tsType: 'Readonly<Record<string, unknown>>',
  description:
    'What a member tells the others about itself; any JSON object of up to `limits.maxPresenceBytes`.',
})

/** Absence is `null` on the wire. */
export const nullable = <Schema extends TSchema>(schema: Schema): TUnion<[Schema, TNull]> =>
  Type.Union([schema, Type.Null()])

export const member = Type.Object(
  {
    id: peerId,
    joinOrder: Type.Integer({
      minimum: 0,
      description: 'Place in the order of arrival; never reused within an epoch.',
    }),
    presence: nullable(Type.Ref('Presence')),
    canHost: Type.Boolean(),
    priority: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: '0–100; the higher is preferred as host.',
    }),
    online: Type.Boolean({
      description: '`false` while its socket is lost and its grace time runs.',
    }),
  },
  { description: 'A peer in a room, as everyone in it sees it.' },
)

export const iceServer = Type.Object(
  {
    urls: Type.Union([Type.String(), Type.Array(Type.String())]),
    username: Type.Optional(Type.String()),
    credential: Type.Optional(Type.String()),
  },
  {
    description:
      'RTCIceServer in the shape the wire carries. @see https://www.w3.org/TR/webrtc/#dom-rtciceserver',
  },
)

export const iceCandidate = Type.Object(
  {
    candidate: Type.Optional(Type.String()),
    sdpMid: Type.Optional(nullable(Type.String())),
    sdpMLineIndex: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 65_535 }))),
    usernameFragment: Type.Optional(nullable(Type.String())),
  },
  {
    description: 'RTCIceCandidateInit. @see https://www.w3.org/TR/webrtc/#dom-rtcicecandidateinit',
  },
)

export const sessionDescription = Type.Object(
  {
    type: Type.Enum(['offer', 'answer', 'pranswer', 'rollback']),
    sdp: Type.String(),
  },
  {
    description:
      'RTCSessionDescriptionInit. @see https://www.w3.org/TR/webrtc/#dom-rtcsessiondescriptioninit',
  },
)

export const linkIds = Type.Object(
  {
    local: Type.String(),
    remote: Type.Union([Type.String(), Type.Null()], {
      description: "`null` until the sender has heard the other's.",
    }),
  },
  { description: 'Which pair of RTCPeerConnections a signal belongs to: random ids, one a side.' },
)

export const signalData = Type.Union(
  [
    Type.Object({
      link: Type.Ref('LinkIds'),
      type: Type.Literal('description'),
      description: Type.Ref('SessionDescription'),
    }),
    Type.Object(
      {
        link: Type.Ref('LinkIds'),
        type: Type.Literal('candidate'),
        candidate: nullable(Type.Ref('IceCandidate')),
      },
      { description: '`candidate: null` is the end of candidates.' },
    ),
  ],
  {
    description:
      'What two peers say to each other to open a link; the server relays it and reads none of it.',
  },
)

export const limits = Type.Object(
  {
    maxFrameBytes: Type.Integer({
      minimum: 0,
      description: 'The largest frame a client may send, in bytes.',
    }),
    maxPresenceBytes: Type.Integer({
      minimum: 0,
      description: 'The largest presence, in bytes of JSON.',
    }),
    maxMembers: Type.Integer({ minimum: 0 }),
    signalsPerSecond: Type.Number({ minimum: 0 }),
    signalsBurst: Type.Number({ minimum: 0 }),
    memberGraceMs: millis,
    hostGraceMs: millis,
  },
  {
    description: 'What a server tells its clients in the welcome; a client paces itself by it.',
  },
)

export const leaveReason = Type.Enum(['left', 'timeout', 'kicked'])

export const hostReason = Type.Enum([
  'first',
  'left',
  'timeout',
  'transfer',
  'ineligible',
  'eligible',
  'kicked',
  'failover',
])

/** Named shapes that messages are made of, in the order in which they are written out. */
export const parts = {
  Presence: presence,
  Member: member,
  IceServer: iceServer,
  IceCandidate: iceCandidate,
  SessionDescription: sessionDescription,
  LinkIds: linkIds,
  SignalData: signalData,
  Limits: limits,
  LeaveReason: leaveReason,
  HostReason: hostReason,
}
