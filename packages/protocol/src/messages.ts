// Generated from schema/ by `pnpm generate`: edit it there.

import type { ErrorCode } from './errors.ts'
import type { Epoch, Millis, PeerId, Term } from './ids.ts'

/**
 * Application data of a member that all others see; any JSON object of up to
 * `limits.maxPresenceBytes`.
 */
export type Presence = Readonly<Record<string, unknown>>

/** A peer in a room, as all members see it. */
export interface Member {
  readonly id: PeerId
  /** Position in the order of joining; never reused within an epoch. */
  readonly joinOrder: number
  readonly presence: Presence | null
  readonly canHost: boolean
  /** 0–100; members with a higher priority are preferred as host. */
  readonly priority: number
  /** `false` while the connection is lost and the grace period runs. */
  readonly online: boolean
}

/**
 * RTCIceServer, as sent on the wire.
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

/** The two RTCPeerConnections that a signal is for: a random id for each side. */
export interface LinkIds {
  readonly local: string
  /** `null` until the sender knows the id of the other side. */
  readonly remote: string | null
}

/** What two peers exchange to open a link; the server relays it without reading it. */
export type SignalData =
  | {
      readonly link: LinkIds
      readonly type: 'description'
      readonly description: SessionDescription
    }
  /** `candidate: null` marks the end of candidates. */
  | {
      readonly link: LinkIds
      readonly type: 'candidate'
      readonly candidate: IceCandidate | null
      /**
       * The public key of the sender, for what another member forwards: an uncompressed point of
       * P-256, in base64url. Only beside `candidate: null`.
       */
      readonly key?: string
    }

/** The limits that a server sends in the welcome; a client paces itself by them. */
export interface Limits {
  /** Maximum size of a frame from the client, in bytes. */
  readonly maxFrameBytes: number
  /** Maximum size of a presence, in bytes of JSON. */
  readonly maxPresenceBytes: number
  readonly maxMembers: number
  readonly signalsPerSecond: number
  readonly signalsBurst: number
  readonly updatesPerSecond: number
  readonly updatesBurst: number
  readonly memberGraceMs: Millis
  readonly hostGraceMs: Millis
  /** How long the server keeps membership and role of a page that reloads. */
  readonly reloadGraceMs: Millis
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

/** Joins a room or resumes a membership. The first frame of a connection. */
export interface JoinMessage {
  readonly type: 'join'
  /** The protocol version. */
  readonly v: 1
  /** 1–128 bytes of UTF-8 without control characters, used verbatim. */
  readonly room: string
  readonly presence: Presence | null
  /** Whether this peer can become host. */
  readonly canHost: boolean
  readonly priority: number
  /** The join token, if the server requires one. */
  readonly token: string | null
  /** The latest resume token, to continue as the same member. */
  readonly resume: string | null
}

/** A signal that the server relays to one member of the same room. */
export interface ClientSignalMessage {
  readonly type: 'signal'
  readonly to: PeerId
  readonly data: SignalData
}

/** Changes values of the sender's member; omitted fields keep their values. */
export interface UpdateMessage {
  readonly type: 'update'
  readonly presence?: Presence | null
  readonly canHost?: boolean
  readonly priority?: number
}

/** The host hands over its role. */
export interface TransferHostMessage {
  readonly type: 'transfer-host'
  readonly to: PeerId
}

/** Removes a member; the join token must grant the right. */
export interface KickMessage {
  readonly type: 'kick'
  readonly id: PeerId
  readonly reason: string | null
}

/** The server replies with a `pong` that has the same id. */
export interface PingMessage {
  readonly type: 'ping'
  readonly id: number
}

/** Ends the membership, without a grace period. */
export interface LeaveMessage {
  readonly type: 'leave'
}

/** The page stops running but may come back. The last frame of a connection. */
export interface AwayMessage {
  readonly type: 'away'
  /**
   * true: the page reloads, so the server keeps the membership and the role of host for
   * `limits.reloadGraceMs`. false: the page is put away, so its role goes at once and the
   * membership stays for `limits.memberGraceMs`.
   */
  readonly reload: boolean
}

/** The reply to a `ping` of the server, from code that runs in the page. */
export interface ClientPongMessage {
  readonly type: 'pong'
  readonly id: number
}

/**
 * The sender cannot reach the host over its link. The server checks at once whether the host is
 * alive; the message is a hint, never a vote.
 */
export interface CheckHostMessage {
  readonly type: 'check-host'
  readonly host: PeerId
}

/** Any message of a client. */
export type ClientMessage =
  | JoinMessage
  | ClientSignalMessage
  | UpdateMessage
  | TransferHostMessage
  | KickMessage
  | PingMessage
  | LeaveMessage
  | AwayMessage
  | ClientPongMessage
  | CheckHostMessage

/** The complete state of the room, including the client's own join; may come at any time. */
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
  /** The resume token, opaque to the client. */
  readonly resume: string
  /** Whether an earlier membership was resumed. */
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

/** A member changed its values, went offline (`online: false`) or is back. */
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

/** A fresh resume token; the previous one stays valid until the next. */
export interface ResumeMessage {
  readonly type: 'resume'
  readonly resume: string
}

/** A signal from another member; the server sets `from`. */
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

/**
 * The client must reply with a `pong` that has the same id. Unlike a WebSocket ping, which
 * browsers answer for a frozen page, it shows that the page runs.
 */
export interface ServerPingMessage {
  readonly type: 'ping'
  readonly id: number
}

export interface PongMessage {
  readonly type: 'pong'
  readonly id: number
}

/**
 * The server shuts down: reconnect at a random moment within `reconnectWithinMs`, and keep the
 * old socket until the new welcome.
 */
export interface GoawayMessage {
  readonly type: 'goaway'
  readonly reason: string
  readonly reconnectWithinMs: Millis
}

export interface ErrorMessage {
  readonly type: 'error'
  readonly code: ErrorCode
  /** A sentence in plain English. */
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs: Millis | null
  /** The `type` of the frame that caused the error; `null` when it is not known. */
  readonly about: string | null
}

/** Messages with a revision: every member gets all of them, without gaps. */
export type RoomMessage = PeerJoinedMessage | PeerLeftMessage | PeerUpdatedMessage | HostMessage

/** Any message of a server. */
export type ServerMessage =
  | WelcomeMessage
  | PeerJoinedMessage
  | PeerLeftMessage
  | PeerUpdatedMessage
  | HostMessage
  | ResumeMessage
  | ServerSignalMessage
  | IceServersMessage
  | ServerPingMessage
  | PongMessage
  | GoawayMessage
  | ErrorMessage
