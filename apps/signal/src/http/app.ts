import { socketPath } from '@skein/protocol'
import { Hono } from 'hono'
import type { Metrics } from '../telemetry/metrics.ts'
import { type LeaveOptions, leaveRoute } from './leave.ts'
import { metricsRoute } from './metrics-route.ts'
import { addSite } from './site.ts'

export interface AppOptions {
  readonly metrics: Metrics
  readonly metricsToken: string | null
  readonly site: string | null
  readonly leave: LeaveOptions
  /** Why the server cannot take members now; empty when it is ready. */
  readonly unreadyReasons: () => Promise<readonly string[]>
}

/** Handles all HTTP requests except WebSocket upgrades. */
export const createApp = (options: AppOptions): Hono => {
  const { metrics, metricsToken, site, leave, unreadyReasons } = options
  const app = new Hono()
  app.use('*', async (context, next) => {
    await next()
    context.header('X-Content-Type-Options', 'nosniff')
  })
  // Pages of any origin ask whether the server is back, and read nothing but the status.
  app.get('/healthz', (context) =>
    context.json({ status: 'ok' }, 200, { ...noStore, 'Access-Control-Allow-Origin': '*' }),
  )
  app.get('/readyz', async (context) => {
    const reasons = await unreadyReasons()
    const isReady = reasons.length === 0
    const status = isReady ? 'ready' : 'not ready'
    return context.json({ status, reasons }, isReady ? 200 : 503, noStore)
  })
  app.get('/metrics', metricsRoute({ metrics, token: metricsToken }))
  app.get(socketPath, (context) =>
    context.text('Upgrade Required', 426, { Upgrade: 'websocket', Connection: 'Upgrade' }),
  )
  app.route('/', leaveRoute(leave))
  if (site !== null) addSite(app, site)
  return app
}

const noStore = { 'Cache-Control': 'no-store' }
