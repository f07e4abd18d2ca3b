import type { ErrorCode } from './errors.ts'
import type { Epoch, Millis, PeerId, Term } from './ids.ts'
import type { Limits } from './limits.ts'

/** What a member tells the others about itself; any JSON object of up to `limits.maxPresenceBytes`. */
export type Presence = Readonly<Record<string, unknown>>

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

/** RTCIceServer in the shape the wire carries. @see https://www.w3.org/TR/webrtc/#dom-rtciceserver */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** RTCIceCandidateInit. @see https://www.w3.org/TR/webrtc/#dom-rtcicecandidateinit */
export interface IceCandidate {
  readonly candidate?: string
  readonly sdpMid?: string | null
  readonly sdpMLineIndex?: number | null
  readonly usernameFragment?: string | null
}

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

export interface JoinMessage {
  readonly type: 'join'
  readonly v: 1
  readonly room: string
  readonly presence: Presence | null
  readonly canHost: boolean
  readonly priority: number
  readonly token: string | null
  readonly resume: string | null
}
export interface ClientSignalMessage {
  readonly type: 'signal'
  readonly to: PeerId
  readonly data: SignalData
}
export interface UpdateMessage {
  readonly type: 'update'
  readonly presence?: Presence | null
  readonly canHost?: boolean
  readonly priority?: number
}
export interface TransferHostMessage {
  readonly type: 'transfer-host'
  readonly to: PeerId
}
export interface KickMessage {
  readonly type: 'kick'
  readonly id: PeerId
  readonly reason: string | null
}
export interface PingMessage {
  readonly type: 'ping'
  readonly id: number
}
export interface LeaveMessage {
  readonly type: 'leave'
}

export type ClientMessage =
  | JoinMessage
  | ClientSignalMessage
  | UpdateMessage
  | TransferHostMessage
  | KickMessage
  | PingMessage
  | LeaveMessage

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
  readonly resume: string
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
export interface ResumeMessage {
  readonly type: 'resume'
  readonly resume: string
}
export interface ServerSignalMessage {
  readonly type: 'signal'
  readonly from: PeerId
  readonly data: SignalData
}
export interface IceServersMessage {
  readonly type: 'ice-servers'
  readonly iceServers: readonly IceServer[]
}
export interface PongMessage {
  readonly type: 'pong'
  readonly id: number
}
export interface GoawayMessage {
  readonly type: 'goaway'
  readonly reason: string
  readonly reconnectWithinMs: Millis
}
export interface ErrorMessage {
  readonly type: 'error'
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: Millis | null
  /** The `type` of the frame it answers; `null` when that is not known. */
  readonly about: string | null
}

/** Messages that carry a revision: each member sees them all, without a gap. */
export type RoomMessage = PeerJoinedMessage | PeerLeftMessage | PeerUpdatedMessage | HostMessage

export type ServerMessage =
  | WelcomeMessage
  | RoomMessage
  | ResumeMessage
  | ServerSignalMessage
  | IceServersMessage
  | PongMessage
  | GoawayMessage
  | ErrorMessage
