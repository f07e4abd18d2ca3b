import type { Server } from 'node:http'
import { report } from './report.ts'

/** All contestants have the same queue for newcomers: Node's default of 511 is a limit of its own. */
export const backlog = 4_096

/** Listens on a free port of loopback and tells the parent which. */
export const listen = (server: Server): void => {
  server.listen({ port: 0, host: '127.0.0.1', backlog }, () => {
    const address = server.address()
    report(typeof address === 'object' && address !== null ? address.port : 0)
  })
}
