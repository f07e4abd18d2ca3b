import type { Millis } from '@skein/protocol'
import type { ConnectionView } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'
import { type SelectedPair, selectedPair } from './read-stats.ts'
import type { Browser } from './report.ts'

/** How long the server may take to answer a ping. */
const pingTimeoutMs = 2_000

/** The round trip on a socket to the server; `null` if there is no answer. */
export const measureRoundTrip = async (
  socket: WebSocket | null,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Millis | null> => {
  if (socket?.readyState !== 1) return null
  const sentAt = clock.now()
  const stop = new AbortController()
  let cancel = () => {}
  try {
    return await new Promise<Millis | null>((resolve) => {
      const onMessage = ({ data }: MessageEvent) => {
        if (String(data) === `{"type":"pong","id":${id}}`) resolve(clock.now() - sentAt)
      }
      socket.addEventListener('message', onMessage, { signal: stop.signal })
      cancel = onAbortOrTimeout({ clock, signal, timeoutMs: pingTimeoutMs }, () => resolve(null))
      socket.send(JSON.stringify({ type: 'ping', id }))
    })
  } finally {
    cancel()
    stop.abort()
  }
}

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
    onAbortOrTimeout({ clock, signal, timeoutMs: ms }, () => resolve())
  })

/** Which family a browser belongs to. Node has no name. */
export const browserOf = (userAgent: string): Browser => {
  if (/firefox\//i.test(userAgent)) return 'firefox'
  if (/chrom(e|ium)\//i.test(userAgent)) return 'chromium'
  return /applewebkit\//i.test(userAgent) ? 'webkit' : 'other'
}
