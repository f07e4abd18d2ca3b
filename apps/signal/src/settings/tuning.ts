import type { Millis } from '@skein/protocol'
import { memoryLimitBytes } from '../limits/process-load.ts'
import type { Rate } from '../limits/token-bucket.ts'

/** Policies that are no settings: an operator has no reason to change them, a test has. */
export interface Tuning {
  /** How long a connection may take to say what it wants. */
  readonly firstFrameMs: Millis
  readonly pingEveryMs: Millis
  /** Without any frame for so long, a socket is lost. */
  readonly lostAfterMs: Millis
  /** How often each connection is looked at, a slice at a time. */
  readonly heartbeatRoundMs: Millis
  readonly drainMs: Millis
  /** How long tokens of an earlier boot open rooms anew. */
  readonly rebuildWindowMs: Millis
  readonly resumeLifeMs: Millis
  /** What may wait for one client. */
  readonly maxQueuedBytes: number
  /**
   * What may wait for all clients together: above it newcomers are turned away, above twice as much
   * those go for whom most waits.
   */
  readonly maxQueuedBytesTotal: number
  /** Newcomers are turned away while every turn of the event loop takes longer. */
  readonly maxLagMs: Millis
  /** Newcomers are turned away while the process uses more of what memory it may use. */
  readonly maxMemoryShare: number
  readonly signals: Rate
  readonly updates: Rate
  readonly others: Rate
  /** TURN credentials for one address: each has a new user name, so no quota of coturn's binds. */
  readonly turnCredentials: Rate
  /** How long a node counts as alive that says nothing. */
  readonly leaseMs: Millis
  /** How often it says that it is, and looks at the others and at the store. */
  readonly beatMs: Millis
  /** How long Redis may take to answer a command. */
  readonly redisMs: Millis
  /** Longer than a change that was given up may still be carried out. */
  readonly retryStoreMs: Millis
  /** How long news of other nodes may be missing before a room goes on without them. */
  readonly missingNewsMs: Millis
  /** How long SKEIN_JWKS_URL may take to answer. */
  readonly keySetTimeoutMs: Millis
  /** How long it is left alone after a question, whatever tokens come. */
  readonly keySetPauseMs: Millis
  /** How long a closing handshake may take. */
  readonly closeMs: Millis
}

export const defaultTuning: Tuning = {
  firstFrameMs: 10_000,
  // Below the 30 s after which the shortest of common proxies and NATs forget a silent connection.
  pingEveryMs: 25_000,
  lostAfterMs: 55_000,
  heartbeatRoundMs: 5_000,
  drainMs: 10_000,
  rebuildWindowMs: 60_000,
  resumeLifeMs: 24 * 3_600_000,
  maxQueuedBytes: 1024 * 1024,
  maxQueuedBytesTotal: Math.min(256 * 1024 * 1024, memoryLimitBytes / 8),
  maxLagMs: 1_000,
  maxMemoryShare: 0.85,
  signals: { perSecond: 200, burst: 2_000 },
  updates: { perSecond: 2, burst: 10 },
  others: { perSecond: 20, burst: 60 },
  // As many at once as may join at once: a school that comes back after a deploy. Who goes on gets few.
  turnCredentials: { perSecond: 2, burst: 600 },
  leaseMs: 15_000,
  beatMs: 3_000,
  redisMs: 500,
  retryStoreMs: 1_000,
  missingNewsMs: 250,
  // Well below the time that a client waits for its welcome.
  keySetTimeoutMs: 3_000,
  keySetPauseMs: 5_000,
  closeMs: 3_000,
}
