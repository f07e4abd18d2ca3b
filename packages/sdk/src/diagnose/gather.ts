import type { Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'
import type { CandidateFacts } from './candidates.ts'
import type { ServerKind, ServerReport } from './report.ts'

/** What a browser gathered with some ICE servers. */
export interface Gathered {
  readonly candidates: readonly CandidateFacts[]
  readonly errors: readonly { readonly code: number; readonly text: string }[]
  /** It has nothing more to say. */
  readonly isComplete: boolean
  readonly ms: Millis
}

export interface GatherOptions {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly clock: Clock
  readonly timeoutMs: Millis
  readonly signal?: AbortSignal | undefined
}

/**
 * Gathers candidates until `isEnough`, or the browser has nothing more, or time is over. Candidates
 * never leave the page. Rejects with what the platform throws for servers that it refuses.
 */
export const gather = async (
  configuration: RTCConfiguration,
  isEnough: (gathered: Gathered) => boolean,
  { RTCPeerConnection, clock, timeoutMs, signal }: GatherOptions,
): Promise<Gathered> => {
  const startedAt = clock.now()
  const candidates: CandidateFacts[] = []
  const errors: { code: number; text: string }[] = []
  const pc = new RTCPeerConnection(configuration)
  let cancel = () => {}
  try {
    return await new Promise<Gathered>((resolve, reject) => {
      const look = (isOver: boolean) => {
        const isComplete = pc.iceGatheringState === 'complete'
        const gathered = { candidates, errors, isComplete, ms: clock.now() - startedAt }
        if (isOver || isComplete || isEnough(gathered)) resolve(gathered)
      }
      pc.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) candidates.push(factsOf(candidate))
        look(false)
      }
      pc.onicecandidateerror = ({ errorCode: code, errorText: text }) => {
        errors.push({ code, text })
        look(false)
      }
      pc.onicegatheringstatechange = () => look(false)
      cancel = onAbortOrTimeout({ clock, signal, timeoutMs }, () => look(true))
      pc.createDataChannel('gather')
      pc.setLocalDescription().catch(reject)
    })
  } finally {
    cancel()
    pc.close()
  }
}

const factsOf = (candidate: RTCIceCandidate): CandidateFacts => {
  const { type, protocol, address, port, relatedAddress, relatedPort } = candidate
  const isHidden = !relatedPort || relatedPort < 10 || relatedAddress === '0.0.0.0'
  return {
    type: type ?? '',
    protocol: protocol ?? '',
    address,
    port,
    base: isHidden ? null : `${relatedAddress} ${relatedPort}`,
  }
}

/** Which kind of server a URL names. */
export const kindOf = (url: string): ServerKind => {
  if (/^stuns?:/i.test(url)) return 'stun'
  if (/^turns:/i.test(url)) return 'turn-tls'
  return /[?&]transport=tcp/i.test(url) ? 'turn-tcp' : 'turn-udp'
}

/** The servers of a list, one URL each. */
export const splitServers = (servers: readonly RTCIceServer[]): readonly RTCIceServer[] =>
  servers.flatMap((server) => [server.urls].flat().map((urls) => ({ ...server, urls })))

/** Tries one STUN or TURN URL. Never rejects. */
export const tryServer = async (
  server: RTCIceServer,
  options: GatherOptions,
): Promise<ServerReport> => {
  const url = String(server.urls)
  const kind = kindOf(url)
  const wanted = kind === 'stun' ? 'srflx' : 'relay'
  const configuration: RTCConfiguration = {
    iceServers: [server],
    iceTransportPolicy: kind === 'stun' ? 'all' : 'relay',
  }
  const isEnough = ({ candidates }: Gathered) => candidates.some(({ type }) => type === wanted)
  try {
    return judge(url, await gather(configuration, isEnough, options))
  } catch (error) {
    return report(url, 'invalid', { code: 0, text: String(error) })
  }
}

/** What the candidates and errors say of a server. */
export const judge = (url: string, gathered: Gathered): ServerReport => {
  const { candidates, errors, isComplete, ms } = gathered
  const isStun = kindOf(url) === 'stun'
  const wanted = isStun ? 'srflx' : 'relay'
  if (candidates.some(({ type }) => type === wanted)) return { ...report(url, 'ok'), ms }
  // The answers of a server; 701 is the browser's word for none.
  const answer = errors.find(({ code }) => code < 700)
  if (answer) return report(url, answer.code === 401 ? 'unauthorized' : 'refused', answer)
  const hasHost = candidates.some(({ type }) => type === 'host')
  // Without a NAT, a browser drops the address that the server reports: it is its own.
  if (isStun && isComplete && errors.length === 0 && hasHost) return { ...report(url, 'ok'), ms }
  return report(url, 'no-answer')
}

const report = (
  url: string,
  result: ServerReport['result'],
  error: ServerReport['error'] = null,
): ServerReport => ({ url, kind: kindOf(url), result, ms: null, error })

/** For a server that was not tried. */
export const untried = (server: RTCIceServer): ServerReport =>
  report(String(server.urls), 'unknown')
