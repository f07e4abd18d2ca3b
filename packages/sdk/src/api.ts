import type {
  Epoch,
  HostReason,
  LeaveReason,
  Millis,
  PeerId,
  Presence,
  SkeinErrorCode,
  Term,
} from '@skein/protocol'

/** The state of a room. `degraded`: signaling is down, but peer connections still work. */
export type RoomStatus = 'connecting' | 'connected' | 'degraded' | 'closed'

/** How a link carries its bytes: `direct`, through a `relay` (TURN), or `via` another peer. */
export type LinkPath = 'direct' | 'relay' | 'via'

export type LinkState = 'connecting' | 'open' | 'repairing' | 'failed'

/** The state of the connection to one peer, as an immutable snapshot. */
export interface LinkStatus {
  readonly state: LinkState
  /** `null` while the link is not open or its path is not known yet. */
  readonly path: LinkPath | null
  /** The member that forwards, sealed, between the two peers; `null` unless `path` is `via`. */
  readonly via: PeerId | null
  /** The smoothed round-trip time, in ms; `null` until measured, a second after the link opens. */
  readonly rttMs: Millis | null
  /** Why the link failed, as a sentence; `null` unless `state` is `failed`. */
  readonly reason: string | null
}

/** One member of a room, as an immutable snapshot that is replaced when something changes. */
export interface Peer {
  /** Unique; a peer that rejoins gets a new one. */
  readonly id: PeerId
  /** Lower for members that joined earlier. */
  readonly joinOrder: number
  /** What the peer publishes about itself. */
  readonly presence: Presence | null
  readonly canHost: boolean
  /** From 0 to 100; the higher is preferred as host. */
  readonly priority: number
  /** `false` while its connection to the server is lost; its link may still be open. */
  readonly online: boolean
  /** `null` for `room.self`, and in a star for peers without a link to this one. */
  readonly link: LinkStatus | null
}

/** The events of a room, with their payloads. */
export interface RoomEvents {
  /** A peer has joined. */
  peerjoin: { readonly peer: Peer }
  /** A peer is no longer a member. */
  peerleave: { readonly peer: Peer; readonly reason: LeaveReason }
  /** A peer, or this one, has changed in anything but its link. */
  peerupdate: { readonly peer: Peer; readonly previous: Peer }
  /** The link to a peer has changed. */
  linkchange: {
    readonly peer: Peer
    readonly link: LinkStatus | null
    readonly previous: LinkStatus | null
  }
  /**
   * Follows the `peerleave` of a peer that had not acknowledged all messages sent to it, and this
   * peer's own `leave()`.
   */
  undelivered: {
    readonly peer: Peer
    /** The channel's label. */
    readonly channel: string
    /** How many messages it may not have received. */
    readonly count: number
  }
  /** The host, its term or the epoch has changed. */
  hostchange: {
    readonly host: PeerId | null
    readonly previous: PeerId | null
    readonly term: Term
    readonly epoch: Epoch
    /** `null` if this peer learned of it by joining or reconnecting. */
    readonly reason: HostReason | null
    readonly isHost: boolean
  }
  /** `room.status` has changed. */
  statuschange: { readonly status: RoomStatus; readonly previous: RoomStatus }
  /**
   * An error that belongs to no call: a signaling error, a kick, a rejected reconnect, messages that
   * were dropped because nobody listened (`queue-full`) or not read in time (`timeout`).
   */
  error: { readonly error: SkeinErrorShape }
}

/** The interface of `SkeinError`. */
export interface SkeinErrorShape extends Error {
  /** @see docs/errors.md */
  readonly code: SkeinErrorCode
  /** Whether the same call may succeed later without changes. */
  readonly retryable: boolean
}

/**
 * Adds an event listener; returns an unsubscribe function. Aborting `signal` removes it too. On a
 * channel, a message is handled when the promise resolves that its listener returns, if any.
 */
export type On<Events> = <Name extends keyof Events>(
  name: Name,
  listener: (event: Events[Name]) => unknown,
  options?: { readonly signal?: AbortSignal },
) => () => void

/** The recipients of a message: all other peers, the current host, or certain peers. */
export type Target = 'all' | 'host' | PeerId | readonly PeerId[]

/** What `send` accepts. It arrives as the same kind, for example a `File` as a `File`. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | Blob | JsonValue

/** A value that JSON can represent. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** What `send` resolves with: the outcome for each recipient. Also the `cause` of its error. */
export interface SendOutcome {
  /** Their links have accepted the message or, with `ack`, their applications have handled it. */
  readonly reached: readonly PeerId[]
  /** With `ack`, a message that timed out or was aborted may still have been handled. */
  readonly failed: ReadonlyMap<PeerId, SkeinErrorCode>
}

/** Options of `channel.send()`. */
export interface SendOptions {
  /** Default: `'all'`. */
  readonly to?: Target
  /**
   * Resolve only when the application of every recipient has handled the message: its listeners have
   * returned and their promises have resolved, or a reader has taken it.
   */
  readonly ack?: boolean
  /**
   * Default: 30 s, and another second for each 128 kB. A recipient that has not taken the message by then is in `failed` with `timeout`,
   * and does not get it. `Infinity` sets no limit.
   */
  readonly timeoutMs?: Millis
  readonly signal?: AbortSignal
}

/** A message that has arrived on a channel. */
export interface ChannelMessage<Data> {
  readonly data: Data
  readonly from: PeerId
  /** The host term in which the sender sent it. */
  readonly term: Term
}

/**
 * Options of `room.channel()`, which are those of an `RTCDataChannel`, `keep` and `hostOnly`.
 * @see https://www.w3.org/TR/webrtc/#dom-rtcdatachannelinit
 */
export interface ChannelOptions {
  /** Default: `true`. */
  readonly ordered?: boolean
  /** Makes the channel unreliable: how often a lost message is retransmitted at most. */
  readonly maxRetransmits?: number
  /** Makes the channel unreliable: how long a lost message is retransmitted at most. */
  readonly maxPacketLifeTime?: Millis
  /** The share of the link beside other channels. Default: `'low'`. */
  readonly priority?: 'very-low' | 'low' | 'medium' | 'high'
  /**
   * `'latest'`: only the newest unsent message is kept for each peer, for cursors and positions. One
   * that was replaced counts as reached; with `ack` it fails with `queue-full`.
   */
  readonly keep?: 'latest'
  /** Only the host may send; receivers drop messages of an older host term. */
  readonly hostOnly?: boolean
}

/** A named channel between the peers of a room. Iterate it, or listen to `message`, to receive. */
export interface Channel<Data> extends AsyncIterable<ChannelMessage<Data>> {
  readonly label: string
  /**
   * Sends a message; resolves when the links have accepted it or, with `ack`, when it was handled.
   * To named peers and to `'host'` it rejects, with the `SendOutcome` as `cause`, if one of them was
   * not reached. To `'all'` it rejects only if it could not begin, or was aborted.
   */
  readonly send: (data: Data, options?: SendOptions) => Promise<SendOutcome>
  readonly on: On<{ message: ChannelMessage<Data> }>
}

/** Options of calls and of requests to the server. */
export interface CallOptions {
  /** Default: 10 s. */
  readonly timeoutMs?: Millis
  readonly signal?: AbortSignal
}

/** The second argument of a handler. */
export interface CallContext {
  readonly from: PeerId
  /** Aborted when the caller cancels the call or leaves, and when the room closes. */
  readonly signal: AbortSignal
}

/** A function that answers calls: its result, or the value of its promise, is the reply. */
export type Handler = (args: never, context: CallContext) => unknown

/** A room: its members, its host, and the ways to communicate. */
export interface Room extends AsyncDisposable {
  readonly name: string
  /** This peer. */
  readonly self: Peer
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Peer>
  /** The id of the host; `null` while no member is eligible. */
  readonly host: PeerId | null
  readonly isHost: boolean
  /** Increases with every change of host. */
  readonly term: Term
  /** Increases with each new room of that name. */
  readonly epoch: Epoch
  readonly status: RoomStatus
  /** Resolves when the room is closed: with `null` after `leave()`, otherwise with the reason. */
  readonly closed: Promise<SkeinErrorShape | null>
  readonly on: On<RoomEvents>
  /** Returns the channel with that label. The first call creates it and sets its options. */
  readonly channel: <Data = JsonValue>(label: string, options?: ChannelOptions) => Channel<Data>
  /** Registers the handler of calls with that name; returns an unsubscribe function. */
  readonly handle: <Args = never, Reply = unknown>(
    name: string,
    handler: (args: Args, context: CallContext) => Reply | Promise<Reply>,
  ) => () => void
  /**
   * Calls a handler of one peer, or of the host; resolves with its reply. Rejects `no-handler`,
   * `handler-failed`, `peer-gone`, `host-changed`, `timeout` and the like.
   */
  readonly call: <Reply = unknown>(
    to: 'host' | PeerId,
    name: string,
    args?: JsonValue,
    options?: CallOptions,
  ) => Promise<Reply>
  /**
   * Makes the same call to several peers, by default to all others; resolves with the outcome for
   * each. Rejects only if the calls cannot start, e.g. `aborted` or `closed`.
   */
  readonly callAll: <Reply = unknown>(
    name: string,
    args?: JsonValue,
    options?: CallOptions & { readonly to?: readonly PeerId[] },
  ) => Promise<ReadonlyMap<PeerId, PromiseSettledResult<Reply>>>
  /**
   * Runs `task` whenever this peer is or becomes the host; its `signal` is aborted when the peer
   * loses the role. Returns an unsubscribe function, which aborts a running task.
   */
  readonly asHost: (
    task: (context: { readonly term: Term; readonly signal: AbortSignal }) => void | Promise<void>,
  ) => () => void
  /**
   * Transfers the host role; resolves when the server has announced it. Rejects `not-host`,
   * `not-eligible`.
   */
  readonly transferHost: (to: PeerId, options?: CallOptions) => Promise<void>
  /**
   * Removes a peer from the room; resolves when the server has announced it. Only that peer gets
   * `reason`, up to 123 bytes. The token must allow it. Rejects `unauthorized`, `peer-not-found`.
   */
  readonly kick: (id: PeerId, options?: CallOptions & { readonly reason?: string }) => Promise<void>
  /** Changes what this peer publishes about itself. Throws `bad-argument`, `closed`. */
  readonly update: (change: {
    readonly presence?: Presence | null
    readonly canHost?: boolean
    readonly priority?: number
  }) => void
  /**
   * Delivers what was sent, for which it takes up to a second, then leaves the room and closes all
   * links. An `undelivered` event names what may not have arrived. Idempotent.
   */
  readonly leave: () => Promise<void>
}

/** The platform's constructors, for runtimes that lack them or to replace them. */
export interface Ports {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly WebSocket: typeof WebSocket
}

/** Options of `joinRoom()`. */
export interface JoinOptions extends Partial<Ports> {
  /** The URL of the signaling server, `wss://…/ws`. */
  readonly url: string
  /** 1–128 UTF-8 bytes, no control characters. */
  readonly room: string
  /** What other peers see of this one, up to 4 KiB of JSON. Default: `null`. */
  readonly presence?: Presence | null
  /** A join token, or a function that is called for each join and resume. */
  readonly token?: string | (() => string | Promise<string>)
  /** Whether this peer may become the host. Default: `true`. */
  readonly canHost?: boolean
  /** From 0 to 100; the higher is preferred as host. Default: 0. */
  readonly priority?: number
  /** Time limit for joining. Default: 15 s. */
  readonly timeoutMs?: Millis
  /**
   * The largest message that this peer accepts, in bytes: up to 1 GiB for a `Blob`, up to 256 MiB for
   * other data. Default: 64 MiB.
   *
   * What all peers together make the page hold, unread or unfinished and Blobs not counted, is limited
   * to four such messages and 256 MiB. Beyond that the peer whose messages take most loses its link.
   */
  readonly maxMessageBytes?: number
  /** In a star, peers have a link to the host only. Default: `'mesh'`. */
  readonly topology?: 'mesh' | 'star'
  /**
   * Whether this page forwards messages between two others that cannot reach each other, which it
   * cannot read. It still forwards their handshakes. Default: `true`.
   */
  readonly canRelay?: boolean
  /**
   * `'session'`: when the page is reloaded within 3 s, it is the same peer, host included. Its
   * resume token is kept in `sessionStorage`. A duplicated tab joins as a new peer.
   */
  readonly rejoin?: 'session'
  /**
   * The configuration of peer connections, e.g. `{ iceTransportPolicy: 'relay' }`. The server's ICE
   * servers are added to its `iceServers`.
   */
  readonly rtc?: RTCConfiguration
  /**
   * Is told what happens to signaling and links: attempts, repairs, errors of ICE servers. It gets no
   * tokens, no addresses and nothing that the application sends. `console` is one. Default: none.
   */
  readonly log?: Logger
  /** Aborts joining. */
  readonly signal?: AbortSignal
}

/** Takes a sentence that is always the same for the same event, and what it is about, as JSON. */
export type LogFunction = (message: string, data: Readonly<Record<string, JsonValue>>) => void

/** Any of these levels; what belongs to the others is not reported. */
export interface Logger {
  readonly debug?: LogFunction
  readonly info?: LogFunction
  readonly warn?: LogFunction
  readonly error?: LogFunction
}
