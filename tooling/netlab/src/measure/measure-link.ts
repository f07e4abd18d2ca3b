import type { LinkLog, StateChange } from '../../page/member-log.ts'

/** When a fault began, and when its parts ended; milliseconds since the epoch. */
export interface FaultTimes {
  readonly faultAt: number
  /** The path was whole again; `null` if it never was. */
  readonly backAt: number | null
  /** The signaling server was back; `null` if it never was away. */
  readonly serverBackAt: number | null
  /** The log ends here. */
  readonly endAt: number
}

/** What one side of a link saw during a fault. `null`: it did not happen. */
export interface SideFigures {
  /** From the path's return to the first number that was sent since then, less than 0.4 s ago. */
  readonly healMs: number | null
  /** The same, from the server's return, if that came later. */
  readonly healAfterServerMs: number | null
  readonly silenceMs: number
  /** How long the link was `open` while nothing arrived. */
  readonly openInSilenceMs: number
  /** How long the link named a path that was not the one in use. */
  readonly wrongPathMs: number
  /** Accepted by the peer's `send`, and never arrived, though later ones did. */
  readonly lost: number
  readonly doubled: number
  readonly disordered: number
  /** Refused by this side's `send`. */
  readonly refused: number
  /** States after the fault, with the seconds since: `repairing@1.0`. */
  readonly states: readonly string[]
}

/** A number is fresh for so long after it was sent. */
const freshMs = 400

export interface SideLogs {
  readonly own: LinkLog
  readonly peer: LinkLog
}

export function measureSide({ own, peer }: SideLogs, times: FaultTimes): SideFigures {
  const { backAt, serverBackAt } = times
  const freshAt = backAt === null ? null : firstFreshAt(own, backAt)
  const healMs = freshAt === null || backAt === null ? null : freshAt - backAt
  const arrivals = arrivalsDuring(own, times)
  return {
    healMs,
    healAfterServerMs:
      freshAt === null || serverBackAt === null ? null : Math.max(0, freshAt - serverBackAt),
    silenceMs: Math.max(...gapsOf(arrivals).map(([start, end]) => end - start)),
    openInSilenceMs: Math.max(...gapsOf(arrivals).map((gap) => openDuring(own.states, gap))),
    wrongPathMs: longestWrongPath(own, times),
    ...countNumbers({ own, peer }, backAt === null || freshAt !== null),
    refused: own.refused.filter(([, at]) => at >= times.faultAt).length,
    states: describeStates(own.states, times.faultAt),
  }
}

/** Leaves out changes of the round-trip time. */
function describeStates(states: readonly StateChange[], since: number): readonly string[] {
  const nameOf = ([, state, path]: StateChange): string =>
    state === 'open' && path !== null ? path : state
  return states
    .filter((one, index) => {
      const previous = states[index - 1]
      return one[0] >= since && (!previous || nameOf(previous) !== nameOf(one))
    })
    .map((one) => `${nameOf(one)}@${((one[0] - since) / 1_000).toFixed(1)}`)
}

/** Numbers that were on the way when the fault began say nothing about the path. */
function firstFreshAt({ received }: LinkLog, since: number): number | null {
  return received.find(([, sentAt, at]) => sentAt >= since && at - sentAt < freshMs)?.[2] ?? null
}

/** When numbers arrived, from the last one before the fault to the end of the log. */
function arrivalsDuring({ received }: LinkLog, { faultAt, endAt }: FaultTimes): readonly number[] {
  const all = received.map(([, , at]) => at)
  const before = all.findLast((at) => at < faultAt)
  const during = all.filter((at) => at >= faultAt && at <= endAt)
  return [before ?? faultAt, ...during, endAt]
}

type Gap = readonly [start: number, end: number]

const gapsOf = (arrivals: readonly number[]): readonly Gap[] =>
  arrivals.slice(1).map((end, index) => [arrivals[index] ?? end, end])

function openDuring(states: readonly StateChange[], [start, end]: Gap): number {
  return states.reduce((sum, [at, state], index) => {
    if (state !== 'open') return sum
    const until = states[index + 1]?.[0] ?? end
    return sum + Math.max(0, Math.min(until, end) - Math.max(at, start))
  }, 0)
}

function longestWrongPath({ paths }: LinkLog, { faultAt }: FaultTimes): number {
  let longest = 0
  let since: number | null = null
  for (const [at, said, actual] of paths) {
    if (at < faultAt) continue
    const isWrong = said !== null && actual !== null && said !== actual
    since = isWrong ? (since ?? at) : null
    if (since !== null) longest = Math.max(longest, at - since)
  }
  return longest
}

function countNumbers({ own, peer }: SideLogs, isHealed: boolean) {
  const numbers = own.received.map(([number]) => number)
  const arrived = new Set(numbers)
  const excused = new Set([...peer.refused.map(([number]) => number), ...peer.pending])
  // What comes after the last arrival may still be in the queue of a link that is broken.
  const end = isHealed ? peer.sent : Math.max(0, ...numbers)
  let lost = 0
  for (let number = 1; number <= end; number++) {
    if (!arrived.has(number) && !excused.has(number)) lost += 1
  }
  return {
    lost,
    doubled: numbers.length - arrived.size,
    disordered: numbers.filter((number, index) => number < (numbers[index - 1] ?? 0)).length,
  }
}
