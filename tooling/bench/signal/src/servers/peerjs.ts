/** The PeerJS server, with a limit high enough for all clients; it listens itself. */
import type { Server } from 'node:http'
import { PeerServer } from 'peer'
import { report } from './report.ts'

PeerServer({ port: 0, host: '127.0.0.1', path: '/', concurrent_limit: 20_000 }, (server) => {
  const address = (server as Server).address()
  report(typeof address === 'object' && address !== null ? address.port : 0)
})
