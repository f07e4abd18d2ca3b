import type { PeerId } from '@skein/protocol'
import { noPath } from '../link/ladder.ts'
import type { Finding, LinkReport, NetworkReport, Report, ServerReport } from './report.ts'
import { type SentenceCode, sentences, type Words, write } from './sentences.ts'

/** What is known of a link beyond its report. */
export interface LinkFacts extends LinkReport {
  readonly viaName: string
  readonly isPeerOnline: boolean
  readonly isPeerSymmetric: boolean
  /** Both are behind the same public address. */
  readonly isSameNetwork: boolean
  readonly hidesAddresses: boolean
  /** How often the path broke in the time that the history covers. */
  readonly breaks: number
  /** How many minutes ago the first of them was. */
  readonly minutes: number
}

/** What the sentences are made of. */
export interface Facts extends Pick<Report, 'signaling' | 'network'> {
  readonly links: readonly LinkFacts[]
}

/** Says what is wrong, and what is worth knowing: errors first. */
export const explain = (facts: Facts): readonly Finding[] => {
  if (facts.signaling.state === 'closed') return [find('room-closed')]
  const findings = [
    ...ofNetwork(facts.network),
    ...ofSignaling(facts),
    ...facts.links.flatMap((link) => ofLink(link, facts.network)),
  ]
  const isFine = findings.every(({ level }) => level === 'info')
  if (isFine && facts.signaling.state === 'connected') {
    const { links } = facts
    if (links.length === 0) findings.push(find('alone'))
    else if (links.every(({ state }) => state === 'open')) findings.push(find('all-open'))
  }
  return findings.toSorted((one, other) => rank(one) - rank(other))
}

/** What the STUN and TURN servers of a network say. */
export const ofServers = (servers: readonly ServerReport[]): readonly Finding[] => {
  const findings = servers.flatMap(({ url, kind, result, error }) => {
    if (result === 'ok' || result === 'unknown') return []
    const isSilentStun = result === 'no-answer' && kind === 'stun'
    return [find(isSilentStun ? 'stun-no-answer' : troubles[result], { url, ...error })]
  })
  return isUdpBlocked(servers) ? [find('udp-blocked'), ...findings] : findings
}

const troubles = {
  unauthorized: 'turn-unauthorized',
  refused: 'turn-refused',
  invalid: 'server-invalid',
  'no-answer': 'turn-no-answer',
} as const

/** Nothing comes back over UDP, but over TCP it does: a server that is down would not do either. */
const isUdpBlocked = (servers: readonly ServerReport[]): boolean => {
  const [overUdp, overTcp] = [
    servers.filter(({ kind }) => kind === 'stun' || kind === 'turn-udp'),
    servers.filter(({ kind }) => kind === 'turn-tcp' || kind === 'turn-tls'),
  ]
  const isSilent = overUdp.length > 0 && overUdp.every(({ result }) => result === 'no-answer')
  return isSilent && overTcp.some(({ result }) => answers.includes(result))
}

const answers: readonly ServerReport['result'][] = ['ok', 'unauthorized', 'refused']

const ofNetwork = (network: NetworkReport): readonly Finding[] => {
  const { isOnline, hasCandidates, policy, servers } = network
  if (!isOnline) return [find('offline')]
  if (policy === 'relay' && !hasTurn(servers)) return [find('relay-without-turn')]
  const findings = [...ofServers(servers)]
  if (hasCandidates === false && policy !== 'relay') findings.unshift(find('no-candidates'))
  if (servers.length === 0) findings.push(find('no-servers'))
  return findings
}

const ofSignaling = ({ signaling, links }: Facts): readonly Finding[] => {
  const { state, forMs } = signaling
  if (state === 'connected') return []
  const hasOpenLinks = links.some((link) => link.state === 'open')
  const code = hasOpenLinks ? 'signaling-away' : 'signaling-away-alone'
  return [find(code, { seconds: seconds(forMs) })]
}

const ofLink = (link: LinkFacts, network: NetworkReport): readonly Finding[] => {
  const { peer, name, state, path, breaks, minutes } = link
  const about = (code: SentenceCode, words: Words = {}): Finding =>
    find(code, { peer: name, ...words }, peer)
  const findings: Finding[] = []
  if (path === 'via') findings.push(about(viaCode(link, network), { via: link.viaName }))
  else if (state !== 'open') findings.push(...ofBrokenLink(link, network, about))
  else if (path === 'relay') {
    const isTcp = ['tcp', 'tls'].includes(`${link.pair?.local.relayProtocol}`)
    findings.push(about(isTcp ? 'relayed-tcp' : 'relayed'))
  }
  if (breaks > 2) findings.push(about('unstable', { count: breaks, minutes }))
  if (!link.isPeerOnline) {
    const words = state === 'open' ? 'but its link is open' : 'and has no open link'
    findings.push(about('peer-away', { link: `(${words})` }))
  }
  return findings
}

type About = (code: SentenceCode, words?: Words) => Finding

const ofBrokenLink = (
  link: LinkFacts,
  network: NetworkReport,
  about: About,
): readonly Finding[] => {
  const { state, reason, brokenForMs } = link
  const words = { seconds: seconds(brokenForMs ?? 0), reason: reason ?? '' }
  if (state === 'connecting') return [about('link-connecting', words)]
  if (state === 'repairing') return [about('link-repairing', words)]
  if (reason !== noPath) return [about(reasons[`${reason}`] ?? 'link-failed', words)]
  const code = noPathCode(link, network)
  const findings = [about(code)]
  if (link.hidesAddresses && code !== 'local-network-prompt')
    findings.push(about('hidden-addresses'))
  return findings
}

/** The reasons of the ladder. */
const reasons: Readonly<Record<string, SentenceCode>> = {
  'The peer closed the link.': 'closed-by-peer',
  'The peer did not answer.': 'no-answer',
  'The path to the peer was lost.': 'link-lost',
}

const noPathCode = (link: LinkFacts, network: NetworkReport): SentenceCode => {
  const { nat, servers, localNetwork } = network
  const isLocal = link.isSameNetwork && link.state === 'failed'
  if (isLocal && localNetwork === 'denied') return 'local-network-denied'
  if (isLocal && localNetwork === 'prompt') return 'local-network-prompt'
  if (hasTurn(servers)) return 'no-path-with-turn'
  return nat === 'symmetric' && link.isPeerSymmetric ? 'both-symmetric' : 'no-path'
}

const viaCode = (link: LinkFacts, network: NetworkReport): SentenceCode => {
  const code = noPathCode(link, network)
  return code === 'both-symmetric' || code === 'no-path' ? `${code}-via` : 'via'
}

export const find = (
  code: SentenceCode,
  words: Words = {},
  peer: PeerId | null = null,
): Finding => ({
  code,
  level: sentences[code].level,
  sentence: write(code, words),
  peer,
  words,
})

const hasTurn = (servers: readonly ServerReport[]): boolean =>
  servers.some(({ kind }) => kind !== 'stun')

const rank = ({ level }: Finding): number => ['error', 'warning', 'info'].indexOf(level)

const seconds = (ms: number): number => Math.round(ms / 1000)
