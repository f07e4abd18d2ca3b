import type { ServerOptions } from '@skein/signal'

const unlimited = { perSecond: 1e9, burst: 1e9 }

/** What differs from the defaults; printed with the results. One generator plays many people. */
export const skeinOptions: ServerOptions = {
  port: 0,
  host: '127.0.0.1',
  logLevel: 'warn',
  secret: 'bench',
  // Nobody can come back to a server that has not lived before.
  rebuildMs: 0,
  maxConnections: 20_000,
  maxConnectionsPerIp: 1_000_000,
  joinsPerMinutePerIp: 1_000_000,
  tuning: { signals: unlimited, others: unlimited },
}
