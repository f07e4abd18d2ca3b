import type { Millis } from '@skein/protocol'
import type { ConnectionView } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { type SelectedPair, selectedPair } from './read-stats.ts'
import type { Browser } from './report.ts'

/** How long the server may take to answer a ping. */
const pingTimeoutMs = 2_000

/** The round trip on a socket to the server; `null` if there is no answer. */
export const measureRoundTrip = (socket: WebSocket | null, clock: Clock): Promise<Millis | null> =>
  new Promise((resolve) => {
    if (socket?.readyState !== 1) return resolve(null)
    const sentAt = clock.now()
    const done = (rttMs: Millis | null) => {
      cancel()
      socket.removeEventListener('message', onMessage)
      resolve(rttMs)
    }
    const onMessage = ({ data }: MessageEvent) => {
      if (String(data) === `{"type":"pong","id":${id}}`) done(clock.now() - sentAt)
    }
    const cancel = clock.after(pingTimeoutMs, () => done(null))
    socket.addEventListener('message', onMessage)
    socket.send(JSON.stringify({ type: 'ping', id }))
  })

/** Of the pings of `diagnose`: the SDK's own have the id 0. */
const id = 1

/** The pair that a connection uses; `null` where there is none. */
export const readPair = async (connection: ConnectionView | null): Promise<SelectedPair | null> => {
  const pc = connection?.pc
  if (!pc) return null
  // Rejects if the connection was closed in the meantime.
  const stats = await pc.getStats().catch(() => new Map())
  return selectedPair([...stats].map(([id, each]) => ({ id, ...each })))
}

export const wait = (ms: Millis, clock: Clock, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })

/** Which family a browser belongs to. Node has no name. */
export const browserOf = (userAgent: string): Browser => {
  if (/firefox\//i.test(userAgent)) return 'firefox'
  if (/chrom(e|ium)\//i.test(userAgent)) return 'chromium'
  return /applewebkit\//i.test(userAgent) ? 'webkit' : 'other'
}
