import type { HostMessage, Millis, PeerLeftMessage, ServerMessage } from '@skein/protocol'
import { replayLogs } from './check-history.ts'
import { countOvertaken } from './check-signals.ts'
import { keyOf, receivedSignals, sentSignals } from './deliveries.ts'
import type { Replay } from './finding.ts'
import type { ClientLog, Entry } from './log.ts'
import { type SignalTally, tallySignals } from './signal-tally.ts'
import { isEnd, type ReceivedMoment, receivedMoments } from './timeline.ts'

/** What the clients of a run noticed, and what happened to their signals. */
export interface RunSummary {
  readonly signals: SignalTally
  readonly hostChanges: readonly HostMessage[]
  /** The `peer-left` messages about clients of this run. */
  readonly departures: readonly PeerLeftMessage[]
  /** Departures of members without a welcome: joins that completed too late and were undone. */
  readonly withdrawnJoins: number
  /** Signals that arrived after one that their sender sent later on a newer connection. */
  readonly overtaken: number
  /** Gaps in revisions, each resynced by a welcome. */
  readonly gaps: number
  /** Rejected resumes: these clients had to join as new members. */
  readonly rejectedResumes: number
  /** The number of ended connections by close code, or `silence` for those given up. */
  readonly closes: Readonly<Record<string, number>>
}

/** Summarizes a run. Host changes and departures are counted from `since` on, such as a fault. */
export function summarizeRun(logs: readonly ClientLog[], since: Millis = 0): RunSummary {
  const replays = replayLogs(logs)
  const all = replays.flatMap(({ moments }) => receivedMoments(moments))
  const recent = all.filter(({ isCurrent, entry }) => isCurrent && entry.at >= since)
  const members = new Set(
    all.flatMap(({ message }) => (message.type === 'welcome' ? [message.self.id] : [])),
  )
  const departures = messagesOf(recent).filter((message) => message.type === 'peer-left')
  return {
    signals: tallySignals(replays),
    hostChanges: messagesOf(recent).filter((message) => message.type === 'host'),
    departures: departures.filter(({ id }) => members.has(id)),
    withdrawnJoins: departures.filter(({ id }) => !members.has(id)).length,
    overtaken: countOvertaken(replays),
    gaps: replays.flatMap(({ moments }) => moments).filter(isGap).length,
    rejectedResumes: messagesOf(all).filter(isRejection).length,
    closes: countCloses(replays),
  }
}

/** For each client that lost its connection after `since`: the time from `since` to its welcome. */
export function reconnectDelays(logs: readonly ClientLog[], since: Millis): readonly Millis[] {
  return logs.flatMap(({ entries }) => {
    const later = entries.filter(({ at }) => at >= since)
    const lost = later.find(({ type }) => type === 'closed' || type === 'given-up')
    if (lost === undefined) return []
    const back = later.find(
      (entry) =>
        entry.type === 'received' &&
        entry.message.type === 'welcome' &&
        entry.connection > lost.connection,
    )
    return [(back?.at ?? Infinity) - since]
  })
}

/** The connections that ended since then, on either side. */
export function connectionsEndedSince(
  logs: readonly ClientLog[],
  since: Millis,
): readonly string[] {
  return logs.flatMap(({ name, entries }) =>
    entries
      .filter((entry) => isEnd(entry) && entry.at >= since)
      .map(({ connection, type }) => `${name}/${connection} ${type}`),
  )
}

/** How many signals were both sent and received between two times. */
export function deliveredBetween(
  logs: readonly ClientLog[],
  { from, until }: { readonly from: Millis; readonly until: Millis },
): number {
  const isInTime = ({ entry }: { readonly entry: Entry }): boolean =>
    entry.at >= from && entry.at < until
  const replays = replayLogs(logs)
  const sent = new Set(replays.flatMap(sentSignals).filter(isInTime).map(keyOf))
  const receivedKeys = replays
    .flatMap(receivedSignals)
    .filter(isInTime)
    .flatMap(({ from: sender, view, serial }) =>
      view === null ? [] : [keyOf({ from: sender, to: view.self, serial })],
    )
  return receivedKeys.filter((key) => sent.has(key)).length
}

/** For each client: the longest time between two messages that it received. */
export function longestSilences(logs: readonly ClientLog[]): readonly Millis[] {
  return logs.map(({ entries }) => {
    const times = entries.flatMap(({ type, at }) => (type === 'received' ? [at] : []))
    return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)))
  })
}

/** The value that a `share` of all values (0.99: 99 of 100) do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

function messagesOf(moments: readonly ReceivedMoment[]): readonly ServerMessage[] {
  return moments.map(({ message }) => message)
}

function isRejection(message: ServerMessage): boolean {
  return message.type === 'error' && message.code === 'resume-rejected'
}

function isGap({ sequenceError }: Replay['moments'][number]): boolean {
  return sequenceError?.type === 'gap'
}

function countCloses(replays: readonly Replay[]): RunSummary['closes'] {
  const codes = replays.flatMap(({ moments }) =>
    moments.flatMap(({ entry }) => {
      if (entry.type === 'closed') return [`${entry.code}`]
      return entry.type === 'given-up' && entry.why === 'silence' ? ['silence'] : []
    }),
  )
  const counts = Map.groupBy(codes, (code) => code)
  return Object.fromEntries([...counts].map(([code, all]) => [code, all.length]))
}
