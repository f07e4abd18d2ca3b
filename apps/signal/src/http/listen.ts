import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { socketPath } from '@skein/protocol'
import { StartError } from '../settings/start-error.ts'

export interface ListenOptions {
  readonly port: number
  /** `null`: every address, over IPv6 too where the machine has it. */
  readonly host: string | null
}

/** Listens, and says on which port. Rejects with a `StartError`. */
export const listen = async (server: Server, { port, host }: ListenOptions): Promise<number> => {
  try {
    return await attempt(server, { port, host: host ?? '::' })
  } catch (error) {
    const code = codeOf(error)
    if (host === null && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listen(server, { port, host: '0.0.0.0' })
    }
    throw new StartError(explain(code, { port, host }), { cause: error })
  }
}

/** The address of the WebSocket, for clients on the same machine. */
export const socketUrl = ({ port, host }: ListenOptions): string => {
  const isEverywhere = host === null || host === '::' || host === '0.0.0.0'
  const name = isEverywhere ? '127.0.0.1' : host
  return `ws://${isIPv6(name) ? `[${name}]` : name}:${port}${socketPath}`
}

/** With Node's default of 511 a storm of newcomers waits for the kernel to retry. */
const backlog = 4_096

const attempt = (server: Server, options: { port: number; host: string }): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...options, backlog }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : options.port)
    })
  })

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const explain = (code: string, { port, host }: ListenOptions): string => {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program; choose another with PORT or --port.`
    case 'EACCES':
      return `Port ${port} may not be used by this user; choose another with PORT or --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST (--host) must be an address of this machine, not "${host}".`
    default:
      return `Listening on port ${port} failed (${code}).`
  }
}
