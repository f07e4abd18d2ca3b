import { createServer } from 'node:net'

/** A port that a setting names, to be listened on. */
export interface Wanted {
  readonly setting: string
  readonly usual: number
}

/** Why the port of a setting cannot be had, in one sentence; null when it can. */
export async function portTrouble({ setting, usual }: Wanted): Promise<string | null> {
  const text = process.env[setting] ?? ''
  const port = text === '' ? usual : Number(text)
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    return `${setting} must be a port, a whole number from 1 to 65535: it is "${text}".`
  }
  const code = await refusal(port)
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: end what listens on it, or set ${setting} to another port.`
  }
  return code === null ? null : `Port ${port} cannot be had (${code}): set ${setting} to another.`
}

/** Listens as servers do here: on all addresses, IPv4 alone where there is no IPv6. */
async function refusal(port: number): Promise<string | null> {
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
