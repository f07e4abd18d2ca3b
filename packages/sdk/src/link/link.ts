import type { IceServer, Millis, PeerId, SignalData } from '@skein/protocol'
import type { LinkPath, LinkState, LinkStatus } from '../api.ts'
import type { Clock } from '../time/clock.ts'
import type { ControlMessage } from './control.ts'
import type { NegotiationMessage } from './negotiation.ts'

/** Label and reliability of an RTCDataChannel; `null` sets no limit. */
export interface FrameChannelOptions {
  readonly label: string
  readonly ordered: boolean
  readonly maxRetransmits: number | null
  readonly maxPacketLifeTime: number | null
}

/**
 * One RTCDataChannel of one RTCPeerConnection, for binary frames. When the connection is replaced,
 * its frame channels close; the link reports the new main one.
 */
export interface FrameChannel {
  readonly label: string
  readonly isOpen: boolean
  readonly bufferedAmount: number
  /** The largest frame, in bytes. */
  readonly maxMessageSize: number
  /** Throws when the channel is not open or the browser's queue is full. */
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void
  /** Called when `bufferedAmount` has fallen to the low-water mark. One listener. */
  ondrain: (() => void) | null
}

/** What can happen to a link: it has a new state or path, or one of these. */
export type LinkEvent =
  | LinkState
  | LinkPath
  /** Nothing was heard for a second. */
  | 'silent'
  /** The network of this page has changed. */
  | 'network'
  /** The connection has failed, or the browser has closed it. */
  | 'ended'
  /** The other side has closed the link on purpose. */
  | 'closed'
  /** Another connection carries the data. */
  | 'replaced'
  /** The path works again, within the two seconds in which a broken link is still called open. */
  | 'healed'

/** An event in the life of a link, for `diagnose` and `log`. */
export interface LinkNote {
  /** By the clock of the link. */
  readonly at: Millis
  readonly event: LinkEvent
  /** Why the link failed. */
  readonly reason: string | null
}

/** A connection as `diagnose` sees it. */
export interface ConnectionView {
  /** `null` for one through another member. */
  readonly pc: RTCPeerConnection | null
  /** The member that it goes through; `null` for an RTCPeerConnection. */
  readonly via: PeerId | null
}

/** A connection of a link: an RTCPeerConnection, or a way through another member. */
export interface LinkConnection extends ConnectionView {
  /** The id of this connection. */
  readonly local: string
  /** The id of the other side's connection; `null` until known. */
  remote: string | null
  /** The main frame channel; `null` before there is one. */
  readonly main: FrameChannel | null
  /** What came on the main frame channel before this connection was in use. */
  early: Uint8Array<ArrayBuffer> | null
  /** Its channels are open. */
  readonly isOpen: boolean
  /** The other side has answered the offer, or made it. */
  readonly isAnswered: boolean
  readonly setOwner: (owner: ConnectionOwner) => void
  /** Sends on the control channel; `false` if it is not open. */
  readonly send: (message: ControlMessage) => boolean
  readonly receive: (message: NegotiationMessage) => unknown
  /** Whether the other side has taken something since the last call: a slow path is no dead one. */
  readonly hasDrained: () => boolean
  readonly ping: () => void
  /** Opens a separate frame channel; `null` where there are none. */
  readonly openFrameChannel: (options: FrameChannelOptions) => FrameChannel | null
  readonly restartIce: () => unknown
  readonly close: (delayMs?: Millis) => void
}

/** The link that a connection serves. It hears nothing after `close()`. */
export interface ConnectionOwner {
  /** `isSent`: it went over the control channel already. */
  readonly signal: (data: SignalData, isSent: boolean) => void
  /** The main frame channel is open. */
  readonly opened: (connection: LinkConnection) => void
  /** The path carries something: it arrived, or the other side has taken it. */
  readonly heard: (connection: LinkConnection) => void
  /** The application's data is about to leave. */
  readonly sent: (connection: LinkConnection) => void
  readonly frame: (
    connection: LinkConnection,
    label: string,
    frame: Uint8Array<ArrayBuffer>,
  ) => void
  /** A round trip was measured. */
  readonly measured: (connection: LinkConnection, rttMs: Millis) => void
  /** The other side uses this connection from now on. */
  readonly used: (connection: LinkConnection, use: number) => void
  /** The connection may take another path now. */
  readonly pathChanged: (connection: LinkConnection) => void
  /** It has failed or closed: nothing will come any more. */
  readonly ended: (connection: LinkConnection) => void
  /** The other side closed the link on purpose. */
  readonly closedByPeer: () => void
  /** Whether the other side may send one more message with these candidate addresses. */
  readonly allows: (addresses: readonly string[]) => boolean
  /** Only a new connection can do what the other side has asked for. */
  readonly replace: () => void
}

/** What a link reports to its owner. Calls come in order, never inside a call to the link. */
export interface LinkObserver {
  readonly signal: (data: SignalData) => void
  readonly statusChanged: (status: LinkStatus, previous: LinkStatus) => void
  /**
   * The main frame channel (reliable, ordered) is open: on the first connection, and again on each
   * that replaces it. Frames sent on the previous one may or may not have arrived.
   */
  readonly opened: (main: FrameChannel) => void
  /** The main frame channel is gone; another `opened` follows unless the link is closed. */
  readonly interrupted: () => void
  /** A frame arrived on the main frame channel, or on one that the other side opened. */
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  /** A connection has ended: there is room for another attempt. */
  readonly attemptEnded: () => void
}

/** The way to the server, which may be as broken as the link. */
export interface ServerPath {
  /** The link is silent: is the socket alive? */
  readonly check: () => void
  /** The network has changed: a new socket is needed. */
  readonly renew: () => void
}

export interface LinkOptions {
  /** The peer that joined later is polite and makes the first offer. */
  readonly isPolite: boolean
  readonly rtc: RTCConfiguration
  readonly iceServers: readonly IceServer[]
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly clock: Clock
  readonly random: () => number
  /** Reads how a connection carries bytes; `null` while that is unknown. Never rejects. */
  readonly readPath: (connection: RTCPeerConnection) => Promise<LinkPath | null>
  readonly server: ServerPath
  /** Whether an offer would reach the peer now, and the page has room for one more attempt. */
  readonly mayCall: (link: PeerLink) => boolean
  readonly observer: LinkObserver
  /**
   * Whether the browser may hold back candidates until the user allows access to the local network.
   * A first connection that fails then is kept: it opens by itself when the user does. Never rejects.
   */
  readonly isHeldBack?: () => Promise<boolean>
  readonly onNote?: (note: LinkNote) => void
}

/** The link to one peer for as long as both are members; it replaces connections that break. */
export interface PeerLink {
  readonly status: LinkStatus
  /** Takes a signal from this peer that the server relayed. */
  readonly receive: (data: SignalData) => void
  /**
   * Opens a frame channel for sending (unordered or unreliable); the other side receives its frames
   * under the same label. `null` while the link is not open.
   */
  readonly openFrameChannel: (options: FrameChannelOptions) => FrameChannel | null
  readonly setIceServers: (iceServers: readonly IceServer[]) => void
  /** Since when the path is broken; `null` if it is not, or the link was closed on purpose. */
  readonly brokenSince: Millis | null
  /** The application has used it in the last seconds. */
  readonly isBusy: boolean
  /** The latest events, oldest first. */
  readonly history: readonly LinkNote[]
  /** All its connections. */
  readonly connections: ReadonlySet<ConnectionView>
  /** The connection in use. */
  readonly chosen: ConnectionView | null
  /** How many connections beside the one in use may still open. */
  readonly attempts: number
  /** Checks now whether the path works (on `pageshow`, or when the peer is back online). */
  readonly probe: () => void
  /** The network of this page has changed, or gone. */
  readonly networkChanged: () => void
  /**
   * A broken link tries now, and one that goes through a member tries to do without: there is a new
   * way for signals, or room for an attempt.
   */
  readonly retry: () => void
  /** Takes a connection that was made elsewhere as one more attempt, unless the link is closed. */
  readonly adopt: (connection: LinkConnection) => boolean
  /** Says more about why the link has failed. */
  readonly explain: (reason: string) => void
  /** The peer has a new socket, and calls if it misses this side. */
  readonly peerIsBack: () => void
  /** A hidden page runs timers once a second. */
  readonly setHidden: (isHidden: boolean) => void
  /** Idempotent. */
  readonly close: () => void
}

/** The label of the main frame channel, which carries every reliable, ordered channel. */
export const mainLabel = 'skein'

/** The label of a separate frame channel is this and the label of the channel that it serves. */
export const separatePrefix = 'c:'
