import { createServer } from 'node:net'

/** Why a port cannot be listened on, in a sentence that names the setting, or null when it can. */
export async function portTrouble(port: number, setting: string): Promise<string | null> {
  const code = (await tryPort(port, '::')) ?? null
  // Without IPv6 there is still IPv4 to ask.
  const answer = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' ? await tryPort(port) : code
  if (answer === 'EADDRINUSE') {
    return `Port ${port} is taken: end what listens on it, or set ${setting} to another port.`
  }
  if (answer === 'EACCES') return `Port ${port} needs more rights: set ${setting} to another port.`
  return null
}

/** A port from the environment. What is not one is left to whoever uses it: it says so better. */
export function portFrom(setting: string, fallback: number): number | null {
  const text = process.env[setting] ?? ''
  if (text === '') return fallback
  const port = Number(text)
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}

function tryPort(port: number, host?: string): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    probe.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      probe.close(() => resolve(null))
    })
  })
}
