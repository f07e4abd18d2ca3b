import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Millis } from '@skein/protocol'
import type { DestinationStream } from 'pino'
import { openBackbone } from '../backbone/open-backbone.ts'
import type { Store } from '../backbone/store/store.ts'
import { sliceCount } from '../connections/heartbeat.ts'
import { createApp } from '../http/app.ts'
import { listen, socketUrl } from '../http/listen.ts'
import { checkSettings } from '../settings/check-settings.ts'
import { defaultSettings, type Settings } from '../settings/settings.ts'
import { defaultTuning, type Tuning } from '../settings/tuning.ts'
import { createLog } from '../telemetry/log.ts'
import { createAdmission } from '../upgrade/admission.ts'
import { upgradeHandler } from '../upgrade/upgrade.ts'
import { assemble } from './assemble.ts'
import { createOverload } from './overload.ts'
import { unreadyReasons } from './readiness.ts'
import type { ServerParts } from './server-parts.ts'
import { createShutdown } from './shutdown.ts'
import { Ticker } from './ticker.ts'

/** Settings, each with its default, and what tests replace. */
export interface ServerOptions extends Partial<Settings> {
  /** Policies that are no settings. */
  readonly tuning?: Partial<Tuning>
  /** Where log lines go; stdout by default. */
  readonly logTo?: DestinationStream
  /** In place of the memory of this process. */
  readonly store?: Store
  /** The clock that tokens, limits and rooms go by, in milliseconds. */
  readonly now?: () => Millis
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number
  /** Where clients on this machine connect. */
  readonly url: string
  /**
   * Says goodbye as before a deploy: takes no members, asks those it has to come back elsewhere,
   * and closes when they are gone or `drainMs` (10 s) have passed.
   */
  readonly drain: () => Promise<void>
  /** Closes every socket (4000: come back) and stops. Idempotent. */
  readonly close: () => Promise<void>
  /** Drops everything at once, as a crash does. */
  readonly kill: () => Promise<void>
}

/** Starts a server. Rejects with a `StartError`, whose message is one sentence, when it cannot. */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const { tuning, logTo, store, now = monotonicNow, ...given } = options
  const settings: Settings = { ...defaultSettings(), ...given }
  checkSettings(settings)
  const life = { isDraining: false }
  const log = createLog({ level: settings.logLevel, destination: logTo })
  const tuned = { ...defaultTuning, ...tuning }
  const backbone = openBackbone(settings, { tuning: tuned, log, store, now })
  const parts = assemble({
    settings,
    tuning: tuned,
    ...backbone,
    log,
    now,
    // What others check by their clocks goes by the wall's, which may be set while we run.
    wallNow: options.now ?? Date.now,
    isDraining: () => life.isDraining,
  })
  const ticker = startTicker(parts)
  const http = createHttpServer({ settings, parts, ticker })
  try {
    await backbone.opened
    const port = await listen(http, settings)
    announce({ settings, parts, port })
    const url = socketUrl({ port, host: settings.host })
    return { port, url, ...createShutdown({ parts, ticker, http, life }) }
  } catch (error) {
    ticker.stop()
    await Promise.all([parts.store.close(), parts.bus.close(), parts.nodes.close()])
    throw error
  }
}

/** Shows the wall clock's time but never goes back; a step of the wall clock ends nobody's grace. */
const monotonicNow = (): Millis => Math.floor(startedAt + performance.now())
// A getter that is not cheap, for a clock that is read with every frame.
const startedAt = performance.timeOrigin

const startTicker = (parts: ServerParts): Ticker => {
  const everyMs = parts.tuning.heartbeatRoundMs / sliceCount
  const turnsPerSweep = Math.ceil(sweepMs / everyMs)
  const turnsPerLook = Math.ceil(memoryLookMs / everyMs)
  const ticker: Ticker = new Ticker({
    everyMs,
    onTick: (turn, lagMs) => {
      const now = parts.now()
      parts.load.noteLag(lagMs)
      parts.writeBatcher.shed(2 * parts.tuning.maxQueuedBytesTotal)
      parts.heartbeat.visit(turn, now)
      parts.joinDeadlines.check(now)
      if (turn % turnsPerLook === 0) parts.load.measureMemory(now)
      if (turn % turnsPerSweep === 0) parts.addresses.sweep(now)
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

const sweepMs = 60_000
const memoryLookMs = 1_000

interface HttpOptions {
  readonly settings: Settings
  readonly parts: ServerParts
  readonly ticker: Ticker
}

const createHttpServer = ({ settings, parts, ticker }: HttpOptions): Server => {
  const { metrics, tuning, limits } = parts
  const app = createApp({
    metrics,
    metricsToken: settings.metricsToken,
    site: settings.site,
    unreadyReasons: () => unreadyReasons({ parts, ticker }),
  })
  const http = createServer(
    httpOptions(tuning),
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  )
  // Connections that never say anything count here only.
  http.maxConnections = settings.maxConnections + spareSockets
  const onUpgrade = upgradeHandler({
    maxFrameBytes: limits.maxFrameBytes,
    closeMs: tuning.closeMs,
    admit: createAdmission({
      settings,
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

/** Whoever sends a header byte by byte does not keep a socket for long. */
const httpOptions = ({ firstFrameMs }: Tuning) => ({
  headersTimeout: firstFrameMs,
  requestTimeout: 2 * firstFrameMs,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: firstFrameMs / 5,
  maxHeaderSize: 16 * 1024,
})
const spareSockets = 1_000

const announce = ({
  settings,
  parts,
  port,
}: {
  readonly settings: Settings
  readonly parts: ServerParts
  readonly port: number
}): void => {
  if (settings.secret === null) {
    parts.log.warn('SKEIN_SECRET is not set: a restart loses all rooms')
  }
  parts.log.info({ port, site: settings.site !== null }, 'listening')
}
