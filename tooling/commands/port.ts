import { createServer } from 'node:net'

/** An environment variable that sets a port, and the port if it is not set. */
export interface PortSetting {
  readonly setting: string
  readonly fallback: number
}

/** Why a server cannot listen on the port of a setting, in one sentence; null when it can. */
export async function portProblem({ setting, fallback }: PortSetting): Promise<string | null> {
  const text = process.env[setting] ?? ''
  const port = text === '' ? fallback : Number(text)
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    return `${setting} must be an integer from 1 to 65535, but is "${text}".`
  }
  const code = await listenError(port)
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use: stop the program that uses it, or set ${setting} to another port.`
  }
  return code === null
    ? null
    : `Cannot listen on port ${port} (${code}): set ${setting} to another port.`
}

/** Listens as the servers do: on all addresses, or on IPv4 only where IPv6 is missing. */
async function listenError(port: number): Promise<string | null> {
  const code = await tryPort({ port, host: '::' })
  const lacksIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
  return lacksIpv6 ? tryPort({ port, host: '0.0.0.0' }) : code
}

function tryPort(address: { port: number; host: string }): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    probe.listen(address, () => probe.close(() => resolve(null)))
  })
}
