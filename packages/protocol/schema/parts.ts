import Type, { type TNull, type TSchema, type TUnion } from 'typebox'

/**
 * `tsType` names a hand-written type (a brand, the error catalogue) that the generated interfaces
 * use in place of the structural one. `vectors/schema.json` does not have it.
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
    'Application data of a member that all others see; any JSON object of up to `limits.maxPresenceBytes`.',
})

/** On the wire, absence is `null`. */
export const nullable = <Schema extends TSchema>(schema: Schema): TUnion<[Schema, TNull]> =>
  Type.Union([schema, Type.Null()])

export const member = Type.Object(
  {
    id: peerId,
    joinOrder: Type.Integer({
      minimum: 0,
      description: 'Position in the order of joining; never reused within an epoch.',
    }),
    presence: nullable(Type.Ref('Presence')),
    canHost: Type.Boolean(),
    priority: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: '0–100; members with a higher priority are preferred as host.',
    }),
    online: Type.Boolean({
      description: '`false` while the connection is lost and the grace period runs.',
    }),
  },
  { description: 'A peer in a room, as all members see it.' },
)

export const iceServer = Type.Object(
  {
    urls: Type.Union([Type.String(), Type.Array(Type.String())]),
    username: Type.Optional(Type.String()),
    credential: Type.Optional(Type.String()),
  },
  {
    description:
      'RTCIceServer, as sent on the wire. @see https://www.w3.org/TR/webrtc/#dom-rtciceserver',
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
      description: '`null` until the sender knows the id of the other side.',
    }),
  },
  { description: 'The two RTCPeerConnections that a signal is for: a random id for each side.' },
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
        key: Type.Optional(
          Type.String({
            description:
              'The public key of the sender, for what another member forwards: an uncompressed point of P-256, in base64url. Only beside `candidate: null`.',
          }),
        ),
      },
      { description: '`candidate: null` marks the end of candidates.' },
    ),
  ],
  {
    description: 'What two peers exchange to open a link; the server relays it without reading it.',
  },
)

export const limits = Type.Object(
  {
    maxFrameBytes: Type.Integer({
      minimum: 0,
      description: 'Maximum size of a frame from the client, in bytes.',
    }),
    maxPresenceBytes: Type.Integer({
      minimum: 0,
      description: 'Maximum size of a presence, in bytes of JSON.',
    }),
    maxMembers: Type.Integer({ minimum: 0 }),
    signalsPerSecond: Type.Number({ minimum: 0 }),
    signalsBurst: Type.Number({ minimum: 0 }),
    updatesPerSecond: Type.Number({ minimum: 0 }),
    updatesBurst: Type.Number({ minimum: 0 }),
    memberGraceMs: millis,
    hostGraceMs: millis,
    reloadGraceMs: {
      ...millis,
      description: 'How long the server keeps membership and role of a page that reloads.',
    },
  },
  {
    description: 'The limits that a server sends in the welcome; a client paces itself by them.',
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

/** The named types that messages consist of, in the order in which they are generated. */
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
