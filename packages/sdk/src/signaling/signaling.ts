import type {
  AwayMessage,
  ClientMessage,
  LeaveMessage,
  Member,
  ServerMessage,
  WelcomeMessage,
} from '@skein/protocol'
import type { SkeinErrorShape } from '../api.ts'

/** What a member publishes about itself. */
export type MemberInfo = Pick<Member, 'presence' | 'canHost' | 'priority'>

/** Where a page keeps its membership while it reloads. */
export interface Seat {
  /** The token of the page before the reload; `null` if there is none that is free. */
  readonly resume: string | null
  /** Keeps the latest token; `null`: the server has rejected the last one. */
  readonly keep: (resume: string | null) => void
  /** Forgets everything: the membership has ended. */
  readonly leave: () => void
}

/** What the signaling client reports to its owner. */
export interface SignalingObserver {
  /** Whenever the server sends the full state of the room: on joining, resuming or resyncing. */
  readonly welcomed: (welcome: WelcomeMessage) => void
  /** In order, and without gaps in `revision`: the client reconnects when it finds one. */
  readonly received: (
    message: Exclude<ServerMessage, { type: 'welcome' | 'resume' | 'ping' | 'pong' | 'goaway' }>,
  ) => void
  /** The server accepts connections. The welcome may take seconds: it may wait for others. */
  readonly reached: () => void
  /** `true` while a socket is welcomed and alive. */
  readonly onlineChanged: (isOnline: boolean) => void
  /** Closed for good: rejected, kicked, superseded, or by `close()` (`null`). */
  readonly closed: (error: SkeinErrorShape | null) => void
}

export interface SignalingClient {
  readonly isOnline: boolean
  /**
   * Sends a message. Signals are paced to the server's limits and queued while offline, up to a
   * bound; other messages are dropped while offline. `false` if the message was dropped.
   */
  readonly send: (
    message: Exclude<
      ClientMessage,
      { type: 'join' | 'update' | 'ping' | 'pong' | 'leave' | 'away' }
    >,
  ) => boolean
  /** With open links the backoff stays below 3 s for a minute. */
  readonly setHasOpenLinks: (hasOpenLinks: boolean) => void
  /** Changes what the next join or resume contains; sent as `update` at once when online. */
  readonly update: (change: Partial<MemberInfo>) => void
  /** Checks now whether the socket works, or reconnects at once (on `online`, `pageshow`). */
  readonly probe: () => void
  /** A link is silent: checks whether the socket is alive, and prepares another one if it is slow. */
  readonly check: () => void
  /** The network has changed: replaces the socket now, whatever it is doing. */
  readonly renew: () => void
  /** Another peer has reached the server: tries again soon, if the last attempt has failed. */
  readonly serverIsBack: () => void
  /**
   * Tells the server that the page goes away, and disconnects until `probe()`. `away`: it may come
   * back as the same member. Also says it over HTTP: the socket may be closed already.
   */
  readonly suspend: (message: AwayMessage | LeaveMessage) => void
  /** With `leave: true` the membership ends; without it, it may be resumed. Idempotent. */
  readonly close: (options: { readonly leave: boolean }) => void
}
