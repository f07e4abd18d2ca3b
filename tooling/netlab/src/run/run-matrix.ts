import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Tab } from '../browsers/browser.ts'
import { type Nat, nats } from '../network/nat.ts'
import { type MatrixRow, sidesOf } from '../rows/row.ts'
import type { ServerKind } from '../servers/server-kind.ts'
import { act } from './act.ts'
import type { PairResult } from './matrix-result.ts'
import type { Stage } from './stage.ts'

/** A pair that has not met by then never does: the bar is 5 s. */
const giveUpMs = 8_000
const pollMs = 30
/** For the paths to be known. */
const pathsWithinMs = 2_000

export interface MatrixRun {
  readonly row: MatrixRow
  readonly kinds: readonly ServerKind[]
  readonly run: number
  readonly onResult: (result: PairResult) => void
}

/** Each ordered pair of routers: A joins first, then B. */
export const allPairs: readonly (readonly [Nat, Nat])[] = nats.flatMap((one) =>
  nats.map((other) => [one, other] as const),
)

export async function runMatrix(
  stage: Stage,
  { row, kinds, run, onResult }: MatrixRun,
): Promise<void> {
  const { broken, pairs = allPairs } = row
  for (const pair of pairs) {
    setRouters(stage, row, pair)
    if (broken !== undefined) {
      for (const side of ['A', 'B'] as const) {
        await act({ stage, trials: [] }, { do: 'drop', side, packets: broken })
      }
    }
    const results = await Promise.all(kinds.map((kind) => tryPair({ stage, row, kind, run, pair })))
    for (const result of results) onResult(result)
  }
  for (const side of stage.network.sides) {
    stage.network.pass(side)
    stage.network.restore(side)
  }
}

/** With a third member, a router that blocks UDP exchanges it with that one all the same. */
function setRouters(stage: Stage, row: MatrixRow, [first, second]: readonly [Nat, Nat]): void {
  const except = row.hasThird ? 'C' : null
  stage.network.setNat('A', first, except)
  stage.network.setNat('B', second, except)
  if (row.hasThird) stage.network.setNat('C', 'fullcone')
}

interface Attempt {
  readonly stage: Stage
  readonly row: MatrixRow
  readonly kind: ServerKind
  readonly run: number
  readonly pair: readonly [Nat, Nat]
}

async function tryPair({ stage, row, kind, run, pair }: Attempt): Promise<PairResult> {
  const label = {
    type: 'pair',
    ...stage.label(row, { kind, run }),
    nats: pair,
  } as const
  const tabs = await Promise.all(sidesOf(row).map((side) => stage.openTab(side)))
  try {
    return { ...label, ...(await meet({ tabs, url: stage.signalUrl(kind) })), error: null }
  } catch (error) {
    return { ...label, ...nothing, error: String(error) }
  } finally {
    await Promise.allSettled(tabs.map((tab) => tab.close()))
  }
}

const nothing = { openMs: null, exchangeMs: null, said: [], actual: [] }

type Meeting = Pick<PairResult, 'openMs' | 'exchangeMs' | 'said' | 'actual'>

interface Meet {
  /** A, B and perhaps C. */
  readonly tabs: readonly Tab[]
  readonly url: string
}

async function meet({ tabs, url }: Meet): Promise<Meeting> {
  const [a, b, third] = tabs
  if (!a || !b) throw new Error('a pair needs two tabs')
  const shared = { url, room: randomUUID(), everyMs: 50, isRecorded: true }
  await third?.call('join', { ...shared, name: 'C' })
  await a.call('join', { ...shared, name: 'A' })
  const joinedAt = await b.call('join', { ...shared, name: 'B' })
  const arrivedAt = await untilMet({ a, b, joinedAt })
  const logs = [(await a.call('log')).links.B, (await b.call('log')).links.A]
  const opened = logs.map((log) => log?.states.find(([, state]) => state === 'open')?.[0])
  const after = (times: readonly (number | null | undefined)[]): number | null =>
    times.every((at) => typeof at === 'number') ? Math.max(...times) - joinedAt : null
  const paths = arrivedAt === null ? [] : await untilPathsKnown({ a, b, isActualKnown: !third })
  return {
    openMs: after(opened),
    exchangeMs: after(arrivedAt ?? [null]),
    said: paths.map(({ said }) => said),
    actual: third ? [] : paths.map(({ actual }) => actual),
  }
}

interface Pair {
  readonly a: Tab
  readonly b: Tab
  readonly joinedAt: number
}

/** When the first numbers arrived on both sides. */
async function untilMet({ a, b, joinedAt }: Pair): Promise<readonly number[] | null> {
  while (Date.now() - joinedAt < giveUpMs) {
    const arrived = await Promise.all([
      a.call('freshAt', { name: 'B', since: joinedAt }),
      b.call('freshAt', { name: 'A', since: joinedAt }),
    ])
    const times = arrived.filter((at) => at !== null)
    if (times.length === 2) return times
    await setTimeout(pollMs)
  }
  return null
}

interface PathPair {
  readonly a: Tab
  readonly b: Tab
  /** In a room of two. */
  readonly isActualKnown: boolean
}

async function untilPathsKnown({ a, b, isActualKnown }: PathPair) {
  const deadline = Date.now() + pathsWithinMs
  for (;;) {
    const paths = await Promise.all([a.call('readPath', 'B'), b.call('readPath', 'A')])
    const areKnown = paths.every(
      ({ said, actual }) => said !== null && (actual !== null || !isActualKnown),
    )
    if (areKnown || Date.now() > deadline) return paths
    await setTimeout(pollMs)
  }
}
