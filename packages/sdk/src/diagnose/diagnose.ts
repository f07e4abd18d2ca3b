import type { Millis } from '@skein/protocol'
import type { Peer, Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { LinkNote, PeerLink } from '../link/link.ts'
import { insidesOf } from '../room/insides.ts'
import type { Insides } from '../room/room.ts'
import { tellEvent } from '../room/tell-event.ts'
import { candidatesIn, isHidden, isSameNetwork, type Nat, natOf } from './candidates.ts'
import { explain, type Facts, type LinkFacts } from './explain.ts'
import { gather, splitServers, tryServer, untried } from './gather.ts'
import { browserOf, measureRoundTrip, readPair, wait } from './measure.ts'
import { describePair, rate, type SelectedPair, withoutAddress } from './read-stats.ts'
import type { DiagnoseOptions, NetworkReport, PairReport, Report } from './report.ts'

const defaultSampleMs = 1_000
/** A server that answers does so within a round trip or three. */
const probeTimeoutMs = 5_000

/**
 * Finds out how a room is connected, and what is wrong, in sentences. It sends one ping to the server
 * and, if something is wrong, asks the STUN and TURN servers; it changes nothing.
 *
 * @example
 * const { sentences } = await diagnose(room)
 * console.log(sentences.join('\n'))
 */
export const diagnose = async (room: Room, options: DiagnoseOptions = {}): Promise<Report> => {
  const insides = insidesOf(room)
  if (!insides) throw new SkeinError('bad-argument', { message: 'room must come from joinRoom' })
  const { clock, statusAt, signaling, url } = insides
  const peers = [...room.peers.values()].filter(({ link }) => link !== null)
  const [links, network, rttMs] = await Promise.all([
    readLinks({ ...insides, peers: room.peers }, peers, options),
    readNetwork(insides, peers, options),
    measureRoundTrip(signaling.socket, clock, options.signal),
  ])
  const facts: Facts = {
    signaling: { state: room.status, forMs: clock.now() - statusAt, url: bare(url), rttMs },
    network,
    links,
  }
  const findings = explain(facts)
  return {
    version: 1,
    at: new Date().toISOString(),
    browser: browserOf(globalThis.navigator?.userAgent ?? ''),
    sentences: findings.map(({ sentence }) => sentence),
    findings,
    ...facts,
    links: links.map(reportOf),
  }
}

const readLinks = async (
  { peers: all, ...insides }: Insides & Pick<Room, 'peers'>,
  peers: readonly Peer[],
  options: DiagnoseOptions,
): Promise<readonly LinkFacts[]> => {
  const { clock, links } = insides
  const { sampleMs = defaultSampleMs, signal } = options
  const chosen = peers.map(({ id }) => links.get(id)?.chosen ?? null)
  const before = await Promise.all(chosen.map(readPair))
  const startedAt = clock.now()
  const isAnyOpen = before.some((pair) => pair !== null)
  if (sampleMs > 0 && isAnyOpen) await wait(sampleMs, clock, signal)
  const ms = clock.now() - startedAt
  const after = await Promise.all(chosen.map(readPair))
  return peers.flatMap((peer, index) => {
    const link = links.get(peer.id)
    // The peer may have left meanwhile.
    if (!link) return []
    const sample = { before: before[index] ?? null, after: after[index] ?? null, ms }
    const via = link.status.via && all.get(link.status.via)
    return [factsOf({ peer, link, sample, insides, options, via: via ? via : null })]
  })
}

interface LinkParts {
  readonly peer: Peer
  readonly link: PeerLink
  readonly sample: {
    readonly before: SelectedPair | null
    readonly after: SelectedPair | null
    readonly ms: Millis
  }
  readonly insides: Insides
  readonly options: DiagnoseOptions
  readonly via: Peer | null
}

const factsOf = ({ peer, link, sample, insides, options, via }: LinkParts): LinkFacts => {
  const { clock } = insides
  const { nameOf = nameIn } = options
  const { state, path, reason, rttMs } = link.status
  const { before, after, ms } = sample
  const name = nameOf(peer)
  const breaks = link.history.filter(({ event }) => breaking.includes(event))
  const firstBreakMs = clock.now() - (breaks[0]?.at ?? clock.now())
  const isMeasured = ms > 0
  return {
    peer: peer.id,
    name,
    state,
    path,
    via: link.status.via,
    reason,
    rttMs,
    brokenForMs: link.brokenSince === null ? null : clock.now() - link.brokenSince,
    pair: after && pairReport(after, name, options.addresses === true),
    sentBytesPerSecond: isMeasured
      ? rate(before?.bytesSent ?? null, after?.bytesSent ?? null, ms)
      : null,
    receivedBytesPerSecond: isMeasured
      ? rate(before?.bytesReceived ?? null, after?.bytesReceived ?? null, ms)
      : null,
    history: link.history.map((note) => historyEntry(note, clock.now())),
    viaName: via ? nameOf(via) : '',
    isPeerOnline: peer.online,
    breaks: breaks.length,
    minutes: Math.max(1, Math.round(firstBreakMs / 60_000)),
    ...readDescriptions(link),
  }
}

const breaking: readonly LinkNote['event'][] = ['silent', 'network', 'ended']

/** What the candidates of both sides tell: those of the newest connection that has an answer. */
const readDescriptions = ({
  connections,
}: PeerLink): Pick<LinkFacts, 'isPeerSymmetric' | 'isSameNetwork' | 'hidesAddresses'> => {
  const pcs = [...connections].flatMap(({ pc }) => pc ?? [])
  const pc = pcs.findLast(({ remoteDescription }) => remoteDescription)
  const local = candidatesIn(pc?.localDescription?.sdp ?? '')
  const remote = candidatesIn(pc?.remoteDescription?.sdp ?? '')
  return {
    isPeerSymmetric: natOf(remote) === 'symmetric',
    isSameNetwork: isSameNetwork(local, remote),
    hidesAddresses: isHidden(local),
  }
}

const pairReport = (pair: SelectedPair, name: string, hasAddresses: boolean): PairReport => {
  const show = hasAddresses ? (end: SelectedPair['local']) => end : withoutAddress
  return { local: show(pair.local), remote: show(pair.remote), words: describePair(pair, name) }
}

const historyEntry = ({ at, event, reason }: LinkNote, now: Millis) => ({
  at: new Date(Date.now() - (now - at)).toISOString(),
  event,
  sentence: reason ?? tellEvent(event),
})

/** The fields that `LinkReport` promises. */
const reportOf = ({
  viaName: _,
  isPeerOnline: _1,
  isPeerSymmetric: _2,
  isSameNetwork: _3,
  hidesAddresses: _4,
  breaks: _5,
  minutes: _6,
  ...link
}: LinkFacts) => link

const readNetwork = async (
  { rtc, roster, RTCPeerConnection, clock }: Insides,
  peers: readonly Peer[],
  options: DiagnoseOptions,
): Promise<NetworkReport> => {
  // From that chunk, which every room loads: shared, it would be one more file for all pages.
  const { localNetworkPermission } = await import('../room/lazy-features.ts')
  const permission = await localNetworkPermission()
  const isOnline = globalThis.navigator?.onLine !== false
  const policy = rtc.iceTransportPolicy ?? 'all'
  const isWrong = peers.some(({ link }) => link?.state !== 'open' || link.path === 'via')
  const { probe = isWrong, signal } = options
  // `Array.from` accepts readonly lists, which the platform's types do not.
  const servers = splitServers([
    ...(rtc.iceServers ?? []),
    ...roster.iceServers.map((server) => ({ ...server, urls: Array.from([server.urls].flat()) })),
  ])
  const found = { isOnline, localNetwork: permission?.state ?? null, policy }
  if (!probe) {
    const unknown: Nat = 'unknown'
    return { ...found, servers: servers.map(untried), nat: unknown, hasCandidates: null }
  }
  const ports = { RTCPeerConnection, clock, timeoutMs: probeTimeoutMs, signal }
  // The NAT shows in the answers of several servers to the same socket. Its time is that of the
  // slowest of them, and what has come by then is enough.
  const together = gather({ iceServers: [...servers] }, () => false, ports).catch(() => null)
  const results = await Promise.all(servers.map((server) => tryServer(server, ports)))
  const gathered = await together
  return {
    ...found,
    servers: results,
    nat: natOf(gathered?.candidates ?? []),
    hasCandidates: gathered && gathered.candidates.length > 0,
  }
}

const nameIn = ({ id, presence }: Peer): string => {
  const name: unknown = presence?.name
  return typeof name === 'string' && name !== '' ? name.slice(0, 32) : id.slice(0, 8)
}

/** The URL without what may be secret. */
const bare = (url: string): string => {
  const { origin, protocol, host, pathname } = new URL(url)
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`
}
