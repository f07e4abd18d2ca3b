import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Millis } from '@skein/protocol'
import type { DestinationStream } from 'pino'
import { openSecret, type SecretSource } from '../auth/server-secret.ts'
import { openBackbone } from '../backbone/open-backbone.ts'
import type { Store } from '../backbone/store/store.ts'
import { sliceCount } from '../connections/heartbeat.ts'
import { createApp } from '../http/app.ts'
import { listen, socketUrl } from '../http/listen.ts'
import { createVisitors } from '../limits/visitors.ts'
import { checkSettings } from '../settings/check-settings.ts'
import { defaultSettings, type Settings } from '../settings/settings.ts'
import { defaultTuning, type Tuning } from '../settings/tuning.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { createAdmission } from '../upgrade/admission.ts'
import { upgradeHandler } from '../upgrade/upgrade.ts'
import { assemble } from './assemble.ts'
import { createLeaveRequests } from './leave-requests.ts'
import { createOverload } from './overload.ts'
import { createUnreadyReasons } from './readiness.ts'
import type { ServerParts } from './server-parts.ts'
import { createShutdown } from './shutdown.ts'
import { Ticker } from './ticker.ts'

/** The settings, all optional, and dependencies that tests replace. */
export interface ServerOptions extends Partial<Settings> {
  /** Policies that are not settings. */
  readonly tuning?: Partial<Tuning>
  /** Destination of log lines; stdout by default. */
  readonly logTo?: DestinationStream
  /** Replaces the in-memory store of this process. */
  readonly store?: Store
  /** The clock for tokens, limits and rooms, in milliseconds. */
  readonly now?: () => Millis
}

/** A running server. */
export interface RunningServer {
  readonly port: number
  /** The WebSocket URL for clients on this machine. */
  readonly url: string
  /**
   * Shuts down gracefully, as before a deploy: rejects new members, asks the others to reconnect
   * elsewhere, and closes when they are gone or after `drainMs` (10 s).
   */
  readonly drain: () => Promise<void>
  /** Closes every socket with 4000, so that clients reconnect, and stops. Idempotent. */
  readonly close: () => Promise<void>
  /** Drops all connections at once, as in a crash. */
  readonly kill: () => Promise<void>
}

/** Starts a server. Rejects with a `StartError`, whose message is one sentence. */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const { tuning, logTo, store, now = monotonicNow, ...overrides } = options
  const settings: Settings = { ...defaultSettings(), ...overrides }
  checkSettings(settings)
  const secret = openSecret(settings)
  const life = { isDraining: false }
  const log = createLog({ level: settings.logLevel, destination: logTo })
  const fullTuning = { ...defaultTuning, ...tuning }
  const { mayHavePredecessor } = secret
  const common = { tuning: fullTuning, log, now }
  const backbone = openBackbone(settings, { ...common, store, mayHavePredecessor })
  const parts = assemble({
    ...common,
    settings,
    secret: secret.value,
    ...backbone,
    // Credentials are compared with the wall clocks of other machines, so they follow ours.
    wallNow: options.now ?? Date.now,
    isDraining: () => life.isDraining,
  })
  const ticker = startTicker(parts)
  const http = createHttpServer({ settings, parts, ticker })
  try {
    await backbone.opened
    const port = await listen(http, settings)
    logSecret(log, secret.source)
    log.info({ port, site: settings.site !== null }, 'listening')
    const url = socketUrl({ port, host: settings.host })
    return { port, url, ...createShutdown({ parts, ticker, http, life }) }
  } catch (error) {
    ticker.stop()
    await Promise.all([parts.store.close(), parts.bus.close(), parts.nodes.close()])
    throw error
  }
}

/** Starts at wall-clock time but is monotonic: a clock change must not end a grace period. */
const monotonicNow = (): Millis => Math.floor(startedAt + performance.now())
// Cached: the getter is slow, and the clock is read for every frame.
const startedAt = performance.timeOrigin

const startTicker = (parts: ServerParts): Ticker => {
  const everyMs = parts.tuning.heartbeatRoundMs / sliceCount
  const ticksPerSweep = Math.ceil(sweepMs / everyMs)
  const ticksPerHostCheck = sliceCount / hostChecksPerRound
  const ticksPerMemoryCheck = Math.ceil(memoryCheckMs / everyMs)
  let tickedAt = parts.now()
  const ticker: Ticker = new Ticker({
    everyMs,
    onTick: (tick, lagMs) => {
      const now = parts.now()
      noteStall(parts, Math.min(lagMs, now - tickedAt))
      tickedAt = now
      const aliveNow = parts.heartbeat.clock(now)
      parts.load.noteLag(lagMs)
      parts.writeBatcher.shed(2 * parts.tuning.maxQueuedBytesTotal)
      parts.readPauses.check(now)
      parts.updates.check(now)
      parts.heartbeat.checkSlice(tick, aliveNow)
      parts.joinDeadlines.check(aliveNow)
      if (tick % ticksPerHostCheck === 0) parts.hostWatch.check(aliveNow)
      if (tick % ticksPerMemoryCheck === 0) parts.load.measureMemory(now)
      if (tick % ticksPerSweep !== 0) return
      parts.addresses.sweep(now)
      parts.updates.sweep(now)
    },
  })
  parts.metrics.watch({
    connections: () => parts.connections.size,
    rooms: () => parts.rooms.size,
    members: () => parts.connections.memberCount,
    queuedBytes: () => parts.writeBatcher.queuedBytes,
    eventLoopLagMs: () => ticker.lagMs,
    isDraining: parts.isDraining,
    storeRaces: () => parts.store.racesLost ?? 0,
    busTraffic: () => parts.bus.traffic,
  })
  return ticker
}

/**
 * Timers run before sockets are read. After a stall, what clients sent meanwhile must count before
 * any of them is given up.
 */
const noteStall = ({ heartbeat, rooms }: ServerParts, stalledMs: Millis): void => {
  if (stalledMs <= minStallMs) return
  heartbeat.noteStall(stalledMs)
  rooms.noteStall()
}

const minStallMs = 1_000
const sweepMs = 60_000
const memoryCheckMs = 1_000
/** Every 250 ms, with rounds of 5 s. */
const hostChecksPerRound = 20

interface HttpOptions {
  readonly settings: Settings
  readonly parts: ServerParts
  readonly ticker: Ticker
}

const createHttpServer = ({ settings, parts, ticker }: HttpOptions): Server => {
  const { metrics, tuning, limits, log } = parts
  const visitors = createVisitors({
    origins: settings.origins,
    trustProxy: settings.trustProxy,
    headerIgnored: once(() => log.warn('ignoring forwarded headers: SKEIN_TRUST_PROXY is not set')),
  })
  const app = createApp({
    metrics,
    metricsToken: settings.metricsToken,
    site: settings.site,
    leave: createLeaveRequests(parts, visitors),
    unreadyReasons: createUnreadyReasons({ parts, ticker }),
  })
  const http = createServer(
    httpOptions(tuning),
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  )
  // Sockets without a WebSocket handshake are limited only here.
  http.maxConnections = settings.maxConnections + extraSockets
  const onUpgrade = upgradeHandler({
    maxFrameBytes: limits.maxFrameBytes,
    closeMs: tuning.closeMs,
    admit: createAdmission({
      visitors,
      context: parts,
      connections: parts.connections,
      node: () => parts.nodes.self,
      overload: createOverload(settings, parts),
    }),
    rejected: (reason) => metrics.rejected(reason),
  })
  http.on('upgrade', onUpgrade)
  return http
}

const once = (task: () => void): (() => void) => {
  let isDone = false
  return () => {
    if (!isDone) task()
    isDone = true
  }
}

/** A client that sends its request very slowly does not keep a socket for long. */
const httpOptions = ({ firstFrameMs }: Tuning) => ({
  headersTimeout: firstFrameMs,
  requestTimeout: 2 * firstFrameMs,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: firstFrameMs / 5,
  maxHeaderSize: 16 * 1024,
})
const extraSockets = 1_000

/** Says where the secret comes from, never the secret itself. */
const logSecret = (log: Log, source: SecretSource): void => {
  if (source.type === 'file') {
    const { file, isNew } = source
    log.info({ file, isNew }, 'secret kept in the state directory')
  } else if (source.type === 'random') {
    log.warn(source.unwritable ?? {}, 'SKEIN_SECRET is not set: a restart loses all rooms')
  }
}
