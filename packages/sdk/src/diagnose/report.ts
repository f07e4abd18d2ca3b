import type { Millis, PeerId } from '@skein/protocol'
import type { JoinOptions, LinkPath, LinkState, Peer, Ports, RoomStatus } from '../api.ts'
import type { Nat } from './candidates.ts'
import type { Level, SentenceCode, Words } from './sentences.ts'

/** Options of `diagnose()`. */
export interface DiagnoseOptions {
  /** Whether the report has IP addresses and ports. Default: `false`. */
  readonly addresses?: boolean
  /** How long throughput is measured; 0 does without. Default: 1 s. */
  readonly sampleMs?: Millis
  /**
   * Whether to try the STUN and TURN servers, which takes up to 5 s if one does not answer. Default:
   * only if a link is not open, or goes through another member.
   */
  readonly probe?: boolean
  /** What a peer is called in sentences. Default: `presence.name`, or the start of its id. */
  readonly nameOf?: (peer: Peer) => string
  /** Ends the measurements early. */
  readonly signal?: AbortSignal
}

/**
 * What `diagnose` found out, as plain JSON. A later version may have more fields and codes; what a
 * field means changes only with `version`.
 */
export interface Report {
  readonly version: 1
  /** ISO 8601. */
  readonly at: string
  readonly browser: Browser
  /** The findings in words, the most important first. */
  readonly sentences: readonly string[]
  readonly findings: readonly Finding[]
  readonly signaling: SignalingReport
  readonly network: NetworkReport
  /** One for each peer that has a link, in join order. */
  readonly links: readonly LinkReport[]
}

export type Browser = 'chromium' | 'firefox' | 'webkit' | 'other'

/** Something worth knowing. */
export interface Finding {
  readonly code: SentenceCode
  readonly level: Level
  readonly sentence: string
  /** The peer that it is about. */
  readonly peer: PeerId | null
  /** What stands in the sentence for the words in braces. */
  readonly words: Words
}

export interface SignalingReport {
  readonly state: RoomStatus
  /** For how long. */
  readonly forMs: Millis
  /** Without query and user name, which may hold secrets. */
  readonly url: string
  /** The round trip to the server; `null` while it is away. */
  readonly rttMs: Millis | null
}

export interface NetworkReport {
  /** What the browser says: `false` is certain, `true` is not. */
  readonly isOnline: boolean
  /** The permission to reach the local network; `null` where the browser has none. */
  readonly localNetwork: PermissionState | null
  /** `relay`: only paths through TURN are allowed. */
  readonly policy: RTCIceTransportPolicy
  readonly servers: readonly ServerReport[]
  /** Of this device, as far as candidates show it. */
  readonly nat: Nat
  /** Whether there are addresses to offer to peers; `null` if it was not tried. */
  readonly hasCandidates: boolean | null
}

/** A STUN or TURN server. */
export interface ServerReport {
  readonly url: string
  readonly kind: ServerKind
  readonly result: ServerResult
  /** The time until it answered; `null` if it did not. */
  readonly ms: Millis | null
  /** The error code and text of the server, such as 401. */
  readonly error: { readonly code: number; readonly text: string } | null
}

export type ServerKind = 'stun' | 'turn-udp' | 'turn-tcp' | 'turn-tls'
/**
 * `refused`: the server answers with an error. `invalid`: the browser refuses the URL. `unknown`: the
 * server was not tried.
 */
export type ServerResult = 'ok' | 'unauthorized' | 'refused' | 'no-answer' | 'invalid' | 'unknown'

export interface LinkReport {
  readonly peer: PeerId
  readonly name: string
  readonly state: LinkState
  readonly path: LinkPath | null
  /** The member that the messages go through; `null` unless `path` is `via`. */
  readonly via: PeerId | null
  readonly reason: string | null
  readonly rttMs: Millis | null
  /** Since when the path is broken; `null` if it is not. */
  readonly brokenForMs: Millis | null
  /** The addresses in use; `null` while there are none. */
  readonly pair: PairReport | null
  /** Average over `sampleMs`; `null` if it was not measured. */
  readonly sentBytesPerSecond: number | null
  readonly receivedBytesPerSecond: number | null
  /** The latest events, oldest first. */
  readonly history: readonly HistoryEntry[]
}

/** A pair of ICE candidates. */
export interface PairReport {
  readonly local: EndReport
  readonly remote: EndReport
  /** For example "your UDP address behind a NAT ↔ Ben’s TURN relay". */
  readonly words: string
}

export interface EndReport {
  /** Of the candidate. @see https://www.w3.org/TR/webrtc/#rtcicecandidatetype-enum */
  readonly type: string
  readonly protocol: string
  /** How this device talks to its TURN server: `udp`, `tcp` or `tls`. */
  readonly relayProtocol: string | null
  /** `null` unless `addresses` is `true` and the browser shows it. */
  readonly address: string | null
  readonly port: number | null
}

export interface HistoryEntry {
  /** ISO 8601. */
  readonly at: string
  readonly event: string
  readonly sentence: string
}

/** Options of `check()`. */
export interface CheckOptions extends Partial<Ports>, Pick<JoinOptions, 'url' | 'token'> {
  /**
   * A room to join for a moment, as a peer that cannot be host: the server tells the ICE servers to
   * members only. Take a name that nobody uses, such as one with a random part.
   */
  readonly room?: string
  /** The ICE servers, if they are known: then no room is joined for them. */
  readonly iceServers?: readonly RTCIceServer[]
  /** Time limit for each part. Default: 8 s. */
  readonly timeoutMs?: Millis
  readonly signal?: AbortSignal
}

/** What `check` tries. */
export type CheckName = 'websocket' | ServerKind | 'direct'

/** The result of one part. */
export interface CheckResult {
  readonly name: CheckName
  /** `skipped`: there is nothing to try. */
  readonly result: 'ok' | 'failed' | 'skipped'
  /** How long it took; `null` unless it worked. */
  readonly ms: Millis | null
  readonly code: SentenceCode
  readonly sentence: string
}

/** What `check` found out, as plain JSON. */
export interface CheckReport {
  readonly version: 1
  /** ISO 8601. */
  readonly at: string
  /** Whether nothing stands in the way of a call: no part has failed that is set up. */
  readonly isOk: boolean
  readonly results: readonly CheckResult[]
  /** Why parts failed, such as refused credentials. */
  readonly findings: readonly Finding[]
}
