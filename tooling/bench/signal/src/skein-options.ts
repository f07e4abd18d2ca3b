import type { ServerOptions } from '@skein/signal'

const unlimited = { perSecond: 1e9, burst: 1e9 }

/** The options that differ from the defaults; printed with the results. */
export const skeinOptions: ServerOptions = {
  port: 0,
  host: '127.0.0.1',
  logLevel: 'warn',
  secret: 'a secret for benchmarks, 32 bytes or more',
  // A new server has no former members that could resume.
  rebuildMs: 0,
  maxConnections: 20_000,
  // All clients share one address.
  maxConnectionsPerIp: 1_000_000,
  joinsPerMinutePerIp: 1_000_000,
  tuning: { signals: unlimited, others: unlimited },
}
