import type { IceServer, PeerId, SignalData } from '@skein/protocol'
import type { LinkPath, LinkStatus } from '../api.ts'
import type { Clock } from '../time/clock.ts'

/** How an RTCDataChannel of a link is to behave. */
export interface FrameChannelOptions {
  readonly label: string
  readonly ordered: boolean
  readonly maxRetransmits: number | null
  readonly maxPacketLifeTime: number | null
}

/**
 * One RTCDataChannel of one RTCPeerConnection, for binary frames. When the connection is replaced
 * the carrier is closed and the link tells of a new one.
 */
export interface FrameChannel {
  readonly label: string
  readonly isOpen: boolean
  readonly bufferedAmount: number
  /** The largest frame, in bytes. */
  readonly maxMessageSize: number
  /** Throws when it is not open or the browser's queue is full. */
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void
  /** `bufferedAmount` fell to the low-water mark. One listener. */
  ondrain: (() => void) | null
}

/** What a link tells its owner; calls come in order, never inside a call to the link. */
export interface LinkObserver {
  readonly signal: (data: SignalData) => void
  readonly statusChanged: (status: LinkStatus, previous: LinkStatus) => void
  /**
   * The main carrier (reliable, ordered) is open: on the first connection and again on each that
   * replaces it. What was sent on the one before may or may not have arrived.
   */
  readonly opened: (main: FrameChannel) => void
  /** The main carrier is gone; another `opened` follows unless the link is closed. */
  readonly interrupted: () => void
  /** A frame arrived, on the main carrier or on one of that label which the other side made. */
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
}

export interface LinkOptions {
  readonly peer: PeerId
  /** The one that joined later is polite, and makes the first offer. */
  readonly isPolite: boolean
  readonly rtc: RTCConfiguration
  readonly iceServers: readonly IceServer[]
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly clock: Clock
  readonly random: () => number
  /** How a connection carries bytes; `null` while that is not known. Never rejects. */
  readonly readPath: (connection: RTCPeerConnection) => Promise<LinkPath | null>
  readonly observer: LinkObserver
}

/** One peer, for as long as both are members: RTCPeerConnections come and go beneath it. */
export interface PeerLink {
  readonly status: LinkStatus
  /** Hands in what the signaling server relayed from this peer. */
  readonly receive: (data: SignalData) => void
  /**
   * A carrier of my own for sending (unordered or unreliable); the other side receives its frames
   * under the same label. `null` while the link is not open.
   */
  readonly openFrameChannel: (options: FrameChannelOptions) => FrameChannel | null
  readonly setIceServers: (iceServers: readonly IceServer[]) => void
  /** Look now whether the link lives (`online`, `pageshow`, the peer came back online). */
  readonly probe: () => void
  /** Idempotent. */
  readonly close: () => void
}

/** The label of the main carrier: every reliable, ordered channel travels in it. */
export const mainLabel = 'skein'
