import { type Millis, subprotocol } from '@skein/protocol'
import type { Ports } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { joinRoom } from '../index.ts'
import { insidesOf } from '../room/insides.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { onAbortOrTimeout, throwIfAborted } from '../time/on-abort-or-timeout.ts'
import { connectDirectly } from './direct.ts'
import { find, ofServers } from './explain.ts'
import { splitServers, tryServer } from './gather.ts'
import type {
  CheckName,
  CheckOptions,
  CheckReport,
  CheckResult,
  Finding,
  ServerKind,
  ServerReport,
} from './report.ts'
import type { SentenceCode, Words } from './sentences.ts'

const defaultTimeoutMs = 8_000

/**
 * Tries what a call needs: the WebSocket to the server, STUN, TURN over UDP, TCP and TLS, and two
 * connections in this page. All at once, each with a time limit. Candidates never leave the page.
 * Rejects `bad-argument` and `aborted` only.
 *
 * @example
 * const { isOk, results } = await check({ url, room: `check-${crypto.randomUUID()}` })
 */
export const check = async (options: CheckOptions): Promise<CheckReport> => {
  const { signal } = options
  if (!/^wss?:/i.test(options.url) || !URL.canParse(options.url)) {
    throw new SkeinError('bad-argument', { message: 'url must be a ws: or wss: URL' })
  }
  throwIfAborted(signal)
  const ports = portsOf(options)
  const [websocket, servers, direct] = await Promise.all([
    checkWebSocket(options, ports),
    checkServers(options, ports),
    checkDirect(ports),
  ])
  throwIfAborted(signal)
  const results = [websocket, ...servers.results, direct]
  return {
    version: 1,
    at: new Date().toISOString(),
    isOk: results.every(({ result }) => result !== 'failed'),
    results,
    findings: servers.findings,
  }
}

interface CheckPorts extends Ports {
  readonly clock: Clock
  readonly timeoutMs: Millis
  readonly signal: AbortSignal | undefined
}

const portsOf = ({
  RTCPeerConnection = globalThis.RTCPeerConnection,
  WebSocket = globalThis.WebSocket,
  timeoutMs = defaultTimeoutMs,
  signal,
}: CheckOptions): CheckPorts => ({
  RTCPeerConnection,
  WebSocket,
  timeoutMs,
  signal,
  clock: systemClock,
})

const checkWebSocket = async ({ url }: CheckOptions, ports: CheckPorts): Promise<CheckResult> => {
  const startedAt = ports.clock.now()
  if (await opens(url, ports)) return ok('websocket', ports.clock.now() - startedAt)
  const isReached = await answersHttp(url, ports)
  return failed('websocket', isReached ? 'websocket-blocked' : 'websocket-failed')
}

const opens = async (url: string, { WebSocket, ...limits }: CheckPorts): Promise<boolean> => {
  const socket = new WebSocket(url, subprotocol)
  let cancel = () => {}
  try {
    return await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true)
      socket.onclose = () => resolve(false)
      // `close` follows; without a listener `ws` throws.
      socket.onerror = () => {}
      cancel = onAbortOrTimeout(limits, () => resolve(false))
    })
  } finally {
    cancel()
    socket.close()
  }
}

/** Whether anything answers there: what it says does not matter, and is not readable. */
const answersHttp = async (url: string, limits: CheckPorts): Promise<boolean> => {
  const stop = new AbortController()
  const cancel = onAbortOrTimeout(limits, () => stop.abort())
  const target = new URL(url.replace(/^ws/i, 'http'))
  target.search = ''
  try {
    await fetch(target, { mode: 'no-cors', signal: stop.signal })
    return true
  } catch {
    return false
  } finally {
    cancel()
  }
}

const serverKinds: readonly ServerKind[] = ['stun', 'turn-udp', 'turn-tcp', 'turn-tls']

interface CheckedServers {
  readonly results: readonly CheckResult[]
  readonly findings: readonly Finding[]
}

const checkServers = async (options: CheckOptions, ports: CheckPorts): Promise<CheckedServers> => {
  if (!ports.RTCPeerConnection) return { results: skipAll('direct-unsupported'), findings: [] }
  const servers = options.iceServers ?? (await askServer(options, ports))
  if (servers instanceof SkeinError) {
    return {
      results: skipAll('servers-unknown'),
      findings: [find('join-failed', { text: servers.message })],
    }
  }
  if (servers === null) return { results: skipAll('servers-unknown'), findings: [] }
  const reports = await Promise.all(splitServers(servers).map((server) => tryServer(server, ports)))
  const results = serverKinds.map((kind) => resultOf(kind, reports))
  return { results, findings: ofServers(reports) }
}

/** The ICE servers that a member is told; `null` without a room to join. */
const askServer = async (
  { url, token, room, signal }: CheckOptions,
  { RTCPeerConnection, WebSocket, timeoutMs }: CheckPorts,
): Promise<readonly RTCIceServer[] | SkeinError | null> => {
  if (room === undefined) return null
  const given = { ...(token !== undefined && { token }), ...(signal && { signal }) }
  try {
    const joined = await joinRoom({
      ...{ url, room, timeoutMs, RTCPeerConnection, WebSocket },
      ...given,
      canHost: false,
      topology: 'star',
    })
    const servers = insidesOf(joined)?.roster.iceServers ?? []
    await joined.leave()
    return servers.map((server) => ({ ...server, urls: [server.urls].flat() }))
  } catch (error) {
    return error instanceof SkeinError ? error : new SkeinError('connect-failed', { cause: error })
  }
}

/** One server that works is enough. */
const resultOf = (kind: ServerKind, reports: readonly ServerReport[]): CheckResult => {
  const ofKind = reports.filter((report) => report.kind === kind)
  const times = ofKind.flatMap(({ result, ms }) => (result === 'ok' && ms !== null ? [ms] : []))
  if (ofKind.length === 0) return skipped(kind, 'not-set')
  if (times.length > 0) return ok(kind, Math.min(...times))
  const [first] = ofServers(ofKind)
  return failed(kind, first?.code ?? 'not-set', first?.words)
}

const checkDirect = async (ports: CheckPorts): Promise<CheckResult> => {
  if (!ports.RTCPeerConnection) return failed('direct', 'direct-unsupported')
  const ms = await connectDirectly(ports)
  return ms === null ? failed('direct', 'direct-failed') : ok('direct', ms)
}

const skipAll = (code: SentenceCode): readonly CheckResult[] =>
  serverKinds.map((kind) => skipped(kind, code))

const ok = (name: CheckName, ms: Millis): CheckResult => ({
  name,
  result: 'ok',
  ms: Math.round(ms),
  ...said(`${name}-ok`),
})

const failed = (name: CheckName, code: SentenceCode, words: Words = {}): CheckResult => ({
  name,
  result: 'failed',
  ms: null,
  ...said(code, words),
})

const skipped = (name: CheckName, code: SentenceCode): CheckResult => ({
  name,
  result: 'skipped',
  ms: null,
  ...said(code),
})

const said = (code: SentenceCode, words: Words = {}): Pick<CheckResult, 'code' | 'sentence'> => ({
  code,
  sentence: find(code, words).sentence,
})
