// Generated from schema/ by `pnpm generate`: change it there.

import type { ErrorCode } from './errors.ts'
import type { Epoch, Millis, PeerId, Term } from './ids.ts'

/**
 * What a member tells the others about itself; any JSON object of up to
 * `limits.maxPresenceBytes`.
 */
export type Presence = Readonly<Record<string, unknown>>

/** A peer in a room, as everyone in it sees it. */
export interface Member {
  readonly id: PeerId
  /** Place in the order of arrival; never reused within an epoch. */
  readonly joinOrder: number
  readonly presence: Presence | null
  readonly canHost: boolean
  /** 0–100; the higher is preferred as host. */
  readonly priority: number
  /** `false` while its socket is lost and its grace time runs. */
  readonly online: boolean
}

/**
 * RTCIceServer in the shape the wire carries.
 * @see https://www.w3.org/TR/webrtc/#dom-rtciceserver
 */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/**
 * RTCIceCandidateInit.
 * @see https://www.w3.org/TR/webrtc/#dom-rtcicecandidateinit
 */
export interface IceCandidate {
  readonly candidate?: string
  readonly sdpMid?: string | null
  readonly sdpMLineIndex?: number | null
  readonly usernameFragment?: string | null
}

/**
 * RTCSessionDescriptionInit.
 * @see https://www.w3.org/TR/webrtc/#dom-rtcsessiondescriptioninit
 */
export interface SessionDescription {
  readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback'
  readonly sdp: string
}

/** Which pair of RTCPeerConnections a signal belongs to: random ids, one a side. */
export interface LinkIds {
  readonly local: string
  /** `null` until the sender has heard the other's. */
  readonly remote: string | null
}

/**
 * What two peers say to each other to open a link; the server relays it and reads none of it.
 */
export type SignalData =
  | {
      readonly link: LinkIds
      readonly type: 'description'
      readonly description: SessionDescription
    }
  /** `candidate: null` is the end of candidates. */
  | {
      readonly link: LinkIds
      readonly type: 'candidate'
      readonly candidate: IceCandidate | null
    }

/** What a server tells its clients in the welcome; a client paces itself by it. */
export interface Limits {
  /** The largest frame a client may send, in bytes. */
  readonly maxFrameBytes: number
  /** The largest presence, in bytes of JSON. */
  readonly maxPresenceBytes: number
  readonly maxMembers: number
  readonly signalsPerSecond: number
  readonly signalsBurst: number
  readonly memberGraceMs: Millis
  readonly hostGraceMs: Millis
}

export type LeaveReason = 'left' | 'timeout' | 'kicked'

export type HostReason =
  | 'first'
  | 'left'
  | 'timeout'
  | 'transfer'
  | 'ineligible'
  | 'eligible'
  | 'kicked'
  | 'failover'

/** Enter a room, or come back to one. The first frame of a connection. */
export interface JoinMessage {
  readonly type: 'join'
  /** The version of the protocol. */
  readonly v: 1
  /** 1–128 bytes of UTF-8 without control characters, taken verbatim. */
  readonly room: string
  readonly presence: Presence | null
  /** Whether this peer may become host. */
  readonly canHost: boolean
  readonly priority: number
  /** The right to join, where the server asks for one. */
  readonly token: string | null
  /** The last resume token: come back as the same member. */
  readonly resume: string | null
}

/** Relayed to one member of the same room. */
export interface ClientSignalMessage {
  readonly type: 'signal'
  readonly to: PeerId
  readonly data: SignalData
}

/** Change what others see of me; what is not named stays. */
export interface UpdateMessage {
  readonly type: 'update'
  readonly presence?: Presence | null
  readonly canHost?: boolean
  readonly priority?: number
}

/** The host gives its role away. */
export interface TransferHostMessage {
  readonly type: 'transfer-host'
  readonly to: PeerId
}

/** Remove a member; needs the right in the token. */
export interface KickMessage {
  readonly type: 'kick'
  readonly id: PeerId
  readonly reason: string | null
}

/** Answered by a `pong` with the same id. */
export interface PingMessage {
  readonly type: 'ping'
  readonly id: number
}

/** Gone for good: no grace. */
export interface LeaveMessage {
  readonly type: 'leave'
}

/** Whatever a client may send. */
export type ClientMessage =
  | JoinMessage
  | ClientSignalMessage
  | UpdateMessage
  | TransferHostMessage
  | KickMessage
  | PingMessage
  | LeaveMessage

/** The whole truth about the room; may come at any time and contains its own join. */
export interface WelcomeMessage {
  readonly type: 'welcome'
  readonly v: 1
  readonly self: Member
  readonly room: string
  readonly epoch: Epoch
  readonly revision: number
  readonly term: Term
  readonly host: PeerId | null
  /** The other members, in join order. */
  readonly peers: readonly Member[]
  /** The resume token: opaque to the client. */
  readonly resume: string
  /** Whether this is the membership that was resumed. */
  readonly resumed: boolean
  readonly iceServers: readonly IceServer[]
  readonly limits: Limits
}

export interface PeerJoinedMessage {
  readonly type: 'peer-joined'
  readonly revision: number
  readonly peer: Member
}

export interface PeerLeftMessage {
  readonly type: 'peer-left'
  readonly revision: number
  readonly id: PeerId
  readonly reason: LeaveReason
}

/** Also when it goes `online: false`, and when it comes back. */
export interface PeerUpdatedMessage {
  readonly type: 'peer-updated'
  readonly revision: number
  readonly peer: Member
}

export interface HostMessage {
  readonly type: 'host'
  readonly revision: number
  readonly term: Term
  readonly host: PeerId | null
  readonly previous: PeerId | null
  readonly reason: HostReason
}

/** A fresh resume token; the one before it stays good until the next. */
export interface ResumeMessage {
  readonly type: 'resume'
  readonly resume: string
}

/** A signal of another member; `from` is written by the server. */
export interface ServerSignalMessage {
  readonly type: 'signal'
  readonly from: PeerId
  readonly data: SignalData
}

/** Fresh TURN credentials, before the old ones expire. */
export interface IceServersMessage {
  readonly type: 'ice-servers'
  readonly iceServers: readonly IceServer[]
}

export interface PongMessage {
  readonly type: 'pong'
  readonly id: number
}

/**
 * A deploy: connect anew at a random moment within it; keep the old socket until the new
 * welcome.
 */
export interface GoawayMessage {
  readonly type: 'goaway'
  readonly reason: string
  readonly reconnectWithinMs: Millis
}

export interface ErrorMessage {
  readonly type: 'error'
  readonly code: ErrorCode
  /** Plain English. */
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: Millis | null
  /** The `type` of the frame it answers; `null` when that is not known. */
  readonly about: string | null
}

/** Messages that carry a revision: each member sees them all, without a gap. */
export type RoomMessage = PeerJoinedMessage | PeerLeftMessage | PeerUpdatedMessage | HostMessage

/** Whatever a server may send. */
export type ServerMessage =
  | WelcomeMessage
  | PeerJoinedMessage
  | PeerLeftMessage
  | PeerUpdatedMessage
  | HostMessage
  | ResumeMessage
  | ServerSignalMessage
  | IceServersMessage
  | PongMessage
  | GoawayMessage
  | ErrorMessage
