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

/** `degraded`: peers are reachable, the signaling server is away. */
export type RoomStatus = 'connecting' | 'connected' | 'degraded' | 'closed'

/** How a link carries its bytes; `null` while it is not open or not known yet. */
export type LinkPath = 'direct' | 'relay' | 'via'

/** The connection to one peer, as a snapshot. */
export interface LinkStatus {
  readonly state: 'connecting' | 'open' | 'repairing' | 'failed'
  readonly path: LinkPath | null
  /** Round trip in ms, smoothed; `null` until measured, a second after the link is open. */
  readonly rttMs: Millis | null
  /** Why it failed, in words; `null` unless `state` is `failed`. */
  readonly reason: string | null
}

/** One member of the room, as an immutable snapshot: it is replaced when something changes. */
export interface Peer {
  readonly id: PeerId
  readonly joinOrder: number
  readonly presence: Presence | null
  readonly canHost: boolean
  readonly priority: number
  /** `false` while its signaling is lost; its link may still be open. */
  readonly online: boolean
  /** `null` for myself, and in a star for peers I have no link to. */
  readonly link: LinkStatus | null
}

export interface RoomEvents {
  peerjoin: { readonly peer: Peer }
  peerleave: { readonly peer: Peer; readonly reason: LeaveReason }
  peerupdate: { readonly peer: Peer; readonly previous: Peer }
  linkchange: {
    readonly peer: Peer
    readonly link: LinkStatus | null
    readonly previous: LinkStatus | null
  }
  /** After the `peerleave` of a peer that had not acknowledged all that was sent to it. */
  undelivered: {
    readonly peer: Peer
    /** The channel's label. */
    readonly channel: string
    /** Messages that it may not have got. */
    readonly count: number
  }
  hostchange: {
    readonly host: PeerId | null
    readonly previous: PeerId | null
    readonly term: Term
    readonly epoch: Epoch
    /** `null` when it was learned from a welcome. */
    readonly reason: HostReason | null
    readonly isHost: boolean
  }
  statuschange: { readonly status: RoomStatus; readonly previous: RoomStatus }
  /** What went wrong without a call to reject: a signaling error, a kick, a refused reconnect. */
  error: { readonly error: SkeinErrorShape }
}

/** `SkeinError`, seen from the outside. */
export interface SkeinErrorShape extends Error {
  readonly code: SkeinErrorCode
  readonly retryable: boolean
}

/** Adds a listener; returns its off. `signal` takes it off too. */
export type On<Events> = <Name extends keyof Events>(
  name: Name,
  listener: (event: Events[Name]) => void,
  options?: { readonly signal?: AbortSignal },
) => () => void

/** `'all'` is everyone else in the room; `'host'` is the role, not a peer. */
export type Target = 'all' | 'host' | PeerId | readonly PeerId[]

/** Anything `send` takes; the other side gets the same kind back. `File` arrives as `File`. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | Blob | JsonValue

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** The `cause` of the error with which a `send` rejects: what became of it, peer by peer. */
export interface SendOutcome {
  /** Their links took all of it, or, with `ack`, their applications handled it. */
  readonly reached: readonly PeerId[]
  /** After a timeout or an abort with `ack` it may still have been handled. */
  readonly failed: ReadonlyMap<PeerId, SkeinErrorCode>
}

export interface SendOptions {
  /** Default: `'all'`. */
  readonly to?: Target
  /** Resolve only when every addressed peer's application has handled the message. */
  readonly ack?: boolean
  readonly timeoutMs?: Millis
  readonly signal?: AbortSignal
}

export interface ChannelMessage<Data> {
  readonly data: Data
  readonly from: PeerId
  /** The term in which the sender sent it. */
  readonly term: Term
}

export interface ChannelOptions {
  /** Default: `true`. */
  readonly ordered?: boolean
  readonly maxRetransmits?: number
  readonly maxPacketLifeTime?: Millis
  readonly priority?: 'very-low' | 'low' | 'medium' | 'high'
  /** Only the host may send on it; receivers drop what is of an older hostTerm. */
  readonly hostOnly?: boolean
}

export interface Channel<Data> extends AsyncIterable<ChannelMessage<Data>> {
  readonly label: string
  readonly send: (data: Data, options?: SendOptions) => Promise<void>
  readonly on: On<{ message: ChannelMessage<Data> }>
}

export interface CallOptions {
  /** Default: 10 s. */
  readonly timeoutMs?: Millis
  readonly signal?: AbortSignal
}

export interface CallContext {
  readonly from: PeerId
  /** Aborted when the caller gives up, leaves, or the room closes. */
  readonly signal: AbortSignal
}

export type Handler = (args: never, context: CallContext) => unknown

/** One room: who is in it, who hosts, and the ways to talk. */
export interface Room extends AsyncDisposable {
  readonly name: string
  readonly self: Peer
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Peer>
  /** `null` when nobody is eligible. */
  readonly host: PeerId | null
  readonly isHost: boolean
  readonly term: Term
  readonly epoch: Epoch
  readonly status: RoomStatus
  /** Resolves when the room is closed: with `null` after `leave()`, else with the reason. */
  readonly closed: Promise<SkeinErrorShape | null>
  readonly on: On<RoomEvents>
  /** The channel of that label, made on first use; the options of the first call count. */
  readonly channel: <Data = JsonValue>(label: string, options?: ChannelOptions) => Channel<Data>
  /** Registers the answer to `call(…, name, …)`; returns its off. */
  readonly handle: <Args = never, Reply = unknown>(
    name: string,
    handler: (args: Args, context: CallContext) => Reply | Promise<Reply>,
  ) => () => void
  readonly call: <Reply = unknown>(
    to: 'host' | PeerId,
    name: string,
    args?: JsonValue,
    options?: CallOptions,
  ) => Promise<Reply>
  /**
   * The same call to several peers, to everyone else if `to` is absent: what became of it, peer by
   * peer. Rejects only where it could not begin.
   */
  readonly callAll: <Reply = unknown>(
    name: string,
    args?: JsonValue,
    options?: CallOptions & { readonly to?: readonly PeerId[] },
  ) => Promise<ReadonlyMap<PeerId, PromiseSettledResult<Reply>>>
  /** Runs `task` each time I become host; `signal` is aborted when the role goes. Returns its off. */
  readonly asHost: (
    task: (context: { readonly term: Term; readonly signal: AbortSignal }) => void | Promise<void>,
  ) => () => void
  /** Gives the role away; resolves when the server has told so. Rejects `not-host`, `not-eligible`. */
  readonly transferHost: (to: PeerId, options?: CallOptions) => Promise<void>
  /**
   * Removes a peer from the room; resolves when the server has told so. `reason` is told to it alone,
   * up to 123 bytes. It needs the right in the token: rejects `unauthorized`, `peer-not-found`.
   */
  readonly kick: (id: PeerId, options?: CallOptions & { readonly reason?: string }) => Promise<void>
  readonly update: (change: {
    readonly presence?: Presence | null
    readonly canHost?: boolean
    readonly priority?: number
  }) => void
  /** Says goodbye and closes every link; idempotent. */
  readonly leave: () => Promise<void>
}

/** The constructors a runtime without them is given. */
export interface Ports {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly WebSocket: typeof WebSocket
}

export interface JoinOptions extends Partial<Ports> {
  /** `wss://…/ws` */
  readonly url: string
  /** 1–128 UTF-8 bytes, no control characters. */
  readonly room: string
  readonly presence?: Presence | null
  /** Asked again for each join and resume. */
  readonly token?: string | (() => string | Promise<string>)
  /** Default: `true`. */
  readonly canHost?: boolean
  /** 0–100, default 0: the higher is preferred as host. */
  readonly priority?: number
  /** For the first welcome. Default: 15 s. */
  readonly timeoutMs?: Millis
  /** The largest message I accept. Default: 256 MiB. */
  readonly maxMessageBytes?: number
  /** Default: `'mesh'`. In a star each peer has a link to the host only. */
  readonly topology?: 'mesh' | 'star'
  /** Beside the ICE servers that the server names, e.g. `{ iceTransportPolicy: 'relay' }`. */
  readonly rtc?: RTCConfiguration
  readonly signal?: AbortSignal
}
