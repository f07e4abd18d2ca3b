import type { Server } from 'node:http'
import { report } from './report.ts'

/** The same listen backlog for all contestants: Node's default of 511 would be a limit itself. */
export const backlog = 4_096

/** Listens on a free loopback port and reports it to the parent process. */
export const listen = (server: Server): void => {
  server.listen({ port: 0, host: '127.0.0.1', backlog }, () => {
    const address = server.address()
    report(typeof address === 'object' && address !== null ? address.port : 0)
  })
}
