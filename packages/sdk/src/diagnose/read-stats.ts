import type { EndReport } from './report.ts'

/** A report of `getStats`, as a list. */
export type Stats = readonly Readonly<Record<string, unknown>>[]

/** The pair of candidates in use, and what the connection has carried. */
export interface SelectedPair {
  readonly local: EndReport
  readonly remote: EndReport
  readonly bytesSent: number
  readonly bytesReceived: number
}

/**
 * The selected pair; `null` while there is none. Chromium names it in the transport; Firefox marks
 * the pair itself, and has no round trip for data channels.
 */
export const selectedPair = (stats: Stats): SelectedPair | null => {
  const byId = new Map(stats.map((each) => [each.id, each]))
  const named = stats.find(({ selectedCandidatePairId }) => selectedCandidatePairId)
  const pair =
    byId.get(named?.selectedCandidatePairId) ??
    stats.find(({ type, selected }) => type === 'candidate-pair' && selected === true)
  const local = byId.get(pair?.localCandidateId)
  const remote = byId.get(pair?.remoteCandidateId)
  if (!pair || !local || !remote) return null
  return {
    local: readEnd(local),
    remote: readEnd(remote),
    bytesSent: sum(stats, 'bytesSent'),
    bytesReceived: sum(stats, 'bytesReceived'),
  }
}

/** Over all pairs, because ICE may change them. Only Chromium has a sum in the transport. */
const sum = (stats: Stats, name: 'bytesSent' | 'bytesReceived'): number =>
  stats
    .filter(({ type }) => type === 'candidate-pair')
    .reduce((total, pair) => total + Number(pair[name] ?? 0), 0)

const readEnd = (candidate: Readonly<Record<string, unknown>>): EndReport => {
  const { candidateType, protocol, relayProtocol, address, port } = candidate
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
  return {
    type: text(candidateType) ?? 'unknown',
    protocol: text(protocol) ?? 'udp',
    relayProtocol: text(relayProtocol),
    address: text(address),
    port: typeof port === 'number' ? port : null,
  }
}

/** The same without addresses, which say where somebody is. */
export const withoutAddress = (end: EndReport): EndReport => ({ ...end, address: null, port: null })

/** A pair in words, such as "your UDP address behind a NAT ↔ Ben’s TURN relay". */
export const describePair = (
  { local, remote }: Pick<SelectedPair, 'local' | 'remote'>,
  peer: string,
): string => `your ${describeEnd(local)} ↔ ${peer}’s ${describeEnd(remote)}`

const describeEnd = ({ type, protocol, relayProtocol }: EndReport): string => {
  const over = relayProtocol && ` over ${relayProtocol.toUpperCase()}`
  if (type === 'relay') return `TURN relay${over ?? ''}`
  const address = `${protocol.toUpperCase()} address`
  return type === 'host' ? `own ${address}` : `${address} behind a NAT`
}

/** Bytes per second between two readings; `null` if the connection has changed in between. */
export const rate = (before: number | null, after: number | null, ms: number): number | null =>
  before === null || after === null || after < before || ms <= 0
    ? null
    : Math.round(((after - before) * 1000) / ms)
