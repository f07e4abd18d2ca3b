import type {
  AwayMessage,
  ClientMessage,
  LeaveMessage,
  Member,
  Millis,
  ServerMessage,
  WelcomeMessage,
} from '@skein/protocol'
import type { JoinOptions, SkeinErrorShape } from '../api.ts'
import type { Clock } from '../time/clock.ts'

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
  /** The socket in use, for `diagnose`; `null` while offline. */
  readonly socket: WebSocket | null
  /**
   * Sends a message; signals at the pace of the server's limits. `false` if it was dropped, as
   * everything is while offline: by the time the server is back, a signal is about a connection
   * that is gone.
   */
  readonly send: (
    message: Exclude<
      ClientMessage,
      { type: 'join' | 'update' | 'ping' | 'pong' | 'leave' | 'away' }
    >,
  ) => boolean
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

export interface SignalingOptions extends MemberInfo {
  readonly url: string
  readonly room: string
  readonly token: Exclude<JoinOptions['token'], undefined> | null
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly random: () => number
  readonly observer: SignalingObserver
  /** Time limit for the first welcome. */
  readonly timeoutMs: Millis
  readonly seat: Seat | null
  /** Whether the room is in use, and whether one of its links is broken. */
  readonly isBusy: () => boolean
  readonly isBroken: () => boolean
  /** Whether the server answers at this URL. Never rejects. */
  readonly knock: (url: string) => Promise<boolean>
  /** Sends a last word over HTTP, also when the page is going away. */
  readonly sendBeacon: (url: string, body: string) => void
}
