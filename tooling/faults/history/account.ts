import type { HostMessage, Millis, PeerLeftMessage, ServerMessage } from '@skein/protocol'
import { witnessesOf } from './check-history.ts'
import { countOvertaken } from './check-signals.ts'
import { keyOf, receivedSignals, sentSignals } from './deliveries.ts'
import type { LastKnownRoom } from './finding.ts'
import type { ClientLog, Entry } from './log.ts'
import { type SignalTally, tallySignals } from './losses.ts'
import { type HeardMoment, heard, isEnd } from './timeline.ts'

/** What the clients of a run noticed, and what was lost. */
export interface Account {
  readonly signals: SignalTally
  readonly hosts: readonly HostMessage[]
  /** Of members that were clients of this run. */
  readonly left: readonly PeerLeftMessage[]
  /** Told departures of who was never welcomed: joins that came through too late, and were taken back. */
  readonly withdrawn: number
  /** Signals that came after a later one, which their sender sent by a newer connection. */
  readonly overtaken: number
  /** Gaps in revisions, each healed by coming back. */
  readonly gaps: number
  /** Resume tokens that were refused: members who had to join afresh. */
  readonly rejected: number
  /** Ends of connections by their close codes; 0: given up for silence. */
  readonly closes: Readonly<Record<string, number>>
}

/** What was lost in all; what was told of hosts and departures since a moment, such as a fault. */
export function accountOf(logs: readonly ClientLog[], since: Millis = 0): Account {
  const witnesses = witnessesOf(logs)
  const all = witnesses.flatMap(({ moments }) => heard(moments))
  const told = all.filter(({ isLive, entry }) => isLive && entry.at >= since)
  const members = new Set(
    all.flatMap(({ message }) => (message.type === 'welcome' ? [message.self.id] : [])),
  )
  const left = messagesOf(told).filter((message) => message.type === 'peer-left')
  return {
    signals: tallySignals(witnesses),
    hosts: messagesOf(told).filter((message) => message.type === 'host'),
    left: left.filter(({ id }) => members.has(id)),
    withdrawn: left.filter(({ id }) => !members.has(id)).length,
    overtaken: countOvertaken(witnesses),
    gaps: witnesses.flatMap(({ moments }) => moments).filter(isGap).length,
    rejected: messagesOf(all).filter(isRejection).length,
    closes: countCloses(witnesses),
  }
}

/** For each client that lost its connection after `since`: how long until it was welcomed again. */
export function reattachments(logs: readonly ClientLog[], since: Millis): readonly Millis[] {
  return logs.flatMap(({ entries }) => {
    const later = entries.filter(({ at }) => at >= since)
    const lost = later.find(({ type }) => type === 'closed' || type === 'given-up')
    if (lost === undefined) return []
    const back = later.find(
      (entry) =>
        entry.type === 'heard' &&
        entry.message.type === 'welcome' &&
        entry.connection > lost.connection,
    )
    return [(back?.at ?? Infinity) - since]
  })
}

/** Connections that ended since, by whomever. */
export function endsSince(logs: readonly ClientLog[], since: Millis): readonly string[] {
  return logs.flatMap(({ name, entries }) =>
    entries
      .filter((entry) => isEnd(entry) && entry.at >= since)
      .map(({ connection, type }) => `${name}/${connection} ${type}`),
  )
}

/** How many signals were both sent and heard between two moments. */
export function deliveredBetween(
  logs: readonly ClientLog[],
  { from, until }: { readonly from: Millis; readonly until: Millis },
): number {
  const isInTime = ({ entry }: { readonly entry: Entry }): boolean =>
    entry.at >= from && entry.at < until
  const witnesses = witnessesOf(logs)
  const sent = new Set(witnesses.flatMap(sentSignals).filter(isInTime).map(keyOf))
  const heardKeys = witnesses
    .flatMap(receivedSignals)
    .filter(isInTime)
    .flatMap(({ from: sender, view, serial }) =>
      view === null ? [] : [keyOf({ from: sender, to: view.self, serial })],
    )
  return heardKeys.filter((key) => sent.has(key)).length
}

/** For each client: the longest time between two things that it heard. */
export function longestSilences(logs: readonly ClientLog[]): readonly Millis[] {
  return logs.map(({ entries }) => {
    const times = entries.flatMap(({ type, at }) => (type === 'heard' ? [at] : []))
    return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)))
  })
}

/** The value that `share` (0.99: 99 of 100) of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

function messagesOf(moments: readonly HeardMoment[]): readonly ServerMessage[] {
  return moments.map(({ message }) => message)
}

function isRejection(message: ServerMessage): boolean {
  return message.type === 'error' && message.code === 'resume-rejected'
}

function isGap({ misstep }: LastKnownRoom['moments'][number]): boolean {
  return misstep?.type === 'gap'
}

function countCloses(witnesses: readonly LastKnownRoom[]): Account['closes'] {
  const codes = witnesses.flatMap(({ moments }) =>
    moments.flatMap(({ entry }) => {
      if (entry.type === 'closed') return [`${entry.code}`]
      return entry.type === 'given-up' && entry.why === 'silence' ? ['silence'] : []
    }),
  )
  const counts = Map.groupBy(codes, (code) => code)
  return Object.fromEntries([...counts].map(([code, all]) => [code, all.length]))
}
