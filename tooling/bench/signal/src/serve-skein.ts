/** The server as it is shipped; only the rates are lifted, for one generator plays many people. */
import { startServer } from '@skein/signal'
import { report } from './report.ts'

const unlimited = { perSecond: 1e9, burst: 1e9 }

const server = await startServer({
  port: 0,
  host: '127.0.0.1',
  logLevel: 'warn',
  secret: 'bench',
  rebuildMs: 0,
  maxConnections: 20_000,
  tuning: { signals: unlimited, others: unlimited },
})
report(server.port)
