import type { Millis } from '@skein/protocol'
import { memoryLimitBytes } from '../limits/process-load.ts'
import type { Rate } from '../limits/token-bucket.ts'

/** Policies that are not settings: operators have no reason to change them, but tests do. */
export interface Tuning {
  /** How long a new connection may take to join. */
  readonly firstFrameMs: Millis
  readonly pingEveryMs: Millis
  /** How long after the last frame a socket counts as lost. */
  readonly lostAfterMs: Millis
  /** After this much silence the host of a room is pinged, whatever `pingEveryMs` says. */
  readonly hostPingMs: Millis
  /** How long after its last frame a host counts as lost. */
  readonly hostLostAfterMs: Millis
  /** How long a member has to answer after another one said that it cannot reach it. */
  readonly hostCheckMs: Millis
  /** How often the heartbeat checks each connection; it checks one slice of them at a time. */
  readonly heartbeatRoundMs: Millis
  readonly drainMs: Millis
  /** How long after a start tokens of an earlier run can recreate rooms. */
  readonly rebuildWindowMs: Millis
  /** A recovery lasts at least this long, so that a stale token that comes first does not end it. */
  readonly rebuildMinMs: Millis
  /** How long membership and role of a page that reloads are kept. */
  readonly reloadGraceMs: Millis
  readonly resumeLifeMs: Millis
  /** Maximum bytes queued for one client. */
  readonly maxQueuedBytes: number
  /**
   * Maximum bytes queued for all clients together. Above it, new connections are turned away; above
   * twice as much, the clients with the most queued bytes are dropped.
   */
  readonly maxQueuedBytesTotal: number
  /** New connections are turned away while every turn of the event loop takes longer. */
  readonly maxLagMs: Millis
  /** New connections are turned away while the process uses more of its memory limit (0 to 1). */
  readonly maxMemoryShare: number
  readonly signals: Rate
  /** Updates of one member that are applied. Above the rate, the newest one waits. */
  readonly updates: Rate
  /** Updates that are read from one connection, applied or not. */
  readonly updateFrames: Rate
  readonly others: Rate
  /** Frames that are read from one address. Above the rate, its sockets are read more slowly. */
  readonly addressFrames: Rate
  /** Bytes of presence sent to the members of one room because of updates. */
  readonly roomPresenceBytes: Rate
  /** TURN credentials per address. Each has a new user name, so no quota of coturn limits them. */
  readonly turnCredentials: Rate
  /** How long a node counts as alive without renewing its lease. */
  readonly leaseMs: Millis
  /** How often a node renews its lease and checks the other nodes and the store. */
  readonly beatMs: Millis
  /** How long Redis may take to reply to a command. */
  readonly redisMs: Millis
  /** Delay before a failed commit is retried; a timed-out commit is not executed later than this. */
  readonly retryStoreMs: Millis
  /** How long a room waits for a missing update of another node before it resyncs. */
  readonly missingNewsMs: Millis
  /** How long SKEIN_JWKS_URL may take to respond. */
  readonly keySetTimeoutMs: Millis
  /** Minimum time between two requests to SKEIN_JWKS_URL, whatever tokens arrive. */
  readonly keySetPauseMs: Millis
  /** How long a closing handshake may take. */
  readonly closeMs: Millis
}

/** The values in production. */
export const defaultTuning: Tuning = {
  firstFrameMs: 10_000,
  // The strictest of the common proxies and NATs drop an idle connection after 30 s.
  pingEveryMs: 25_000,
  lostAfterMs: 55_000,
  hostPingMs: 5_000,
  // With the host grace period of 5 s and the interval of the checks, the role moves within 12 s.
  hostLostAfterMs: 6_500,
  hostCheckMs: 1_500,
  heartbeatRoundMs: 5_000,
  drainMs: 10_000,
  rebuildWindowMs: 60_000,
  rebuildMinMs: 1_000,
  reloadGraceMs: 3_000,
  resumeLifeMs: 24 * 3_600_000,
  maxQueuedBytes: 1024 * 1024,
  maxQueuedBytesTotal: Math.min(256 * 1024 * 1024, memoryLimitBytes / 8),
  maxLagMs: 1_000,
  maxMemoryShare: 0.85,
  signals: { perSecond: 200, burst: 2_000 },
  updates: { perSecond: 2, burst: 10 },
  // Far more than a page can use. Reading and merging so many costs about a hundredth of a core.
  updateFrames: { perSecond: 200, burst: 400 },
  others: { perSecond: 20, burst: 60 },
  // The burst is for a school behind one address: 500 clients that open links send some 200 frames
  // each. The rate is a seventh of what one core relays.
  addressFrames: { perSecond: 10_000, burst: 100_000 },
  // The burst: in a full room (64) each member changes a presence of 4 KiB once. The rate: each
  // changes one of 250 bytes twice a second. Together that is a third of a 100 Mbit/s line.
  roomPresenceBytes: { perSecond: 4 * 1024 * 1024, burst: 18 * 1024 * 1024 },
  // The burst equals the default burst of joins: a whole school may reconnect after a deploy.
  turnCredentials: { perSecond: 2, burst: 600 },
  leaseMs: 15_000,
  beatMs: 3_000,
  redisMs: 500,
  retryStoreMs: 1_000,
  missingNewsMs: 250,
  // Well below the time for which a client waits for its welcome.
  keySetTimeoutMs: 3_000,
  keySetPauseMs: 5_000,
  closeMs: 3_000,
}
