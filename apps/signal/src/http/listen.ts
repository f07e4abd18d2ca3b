import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { socketPath } from '@skein/protocol'
import { StartError } from '../settings/start-error.ts'

export interface ListenOptions {
  readonly port: number
  /** `null`: all addresses, including IPv6 where available. */
  readonly host: string | null
}

/** Starts to listen; resolves to the port. Rejects with a `StartError`. */
export const listen = async (server: Server, { port, host }: ListenOptions): Promise<number> => {
  try {
    return await listenOnce(server, { port, host: host ?? '::' })
  } catch (error) {
    const code = codeOf(error)
    if (host === null && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listen(server, { port, host: '0.0.0.0' })
    }
    throw new StartError(errorSentence(code, { port, host }), { cause: error })
  }
}

/** The WebSocket URL for clients on the same machine. */
export const socketUrl = ({ port, host }: ListenOptions): string => {
  const isWildcard = host === null || host === '::' || host === '0.0.0.0'
  const name = isWildcard ? '127.0.0.1' : host
  return `ws://${isIPv6(name) ? `[${name}]` : name}:${port}${socketPath}`
}

/** With Node's default of 511, many clients connecting at once would wait for kernel retries. */
const backlog = 4_096

const listenOnce = (server: Server, options: { port: number; host: string }): Promise<number> =>
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

const errorSentence = (code: string, { port, host }: ListenOptions): string => {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use; choose another with PORT or --port.`
    case 'EACCES':
      return `This user may not listen on port ${port}; choose another with PORT or --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST (--host) must be an address of this machine, not "${host}".`
    default:
      return `Could not listen on port ${port} (${code}).`
  }
}
