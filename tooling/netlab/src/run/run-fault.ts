import { setTimeout } from 'node:timers/promises'
import type { Random } from '@skein/protocol/testing'
import type { FaultRow } from '../rows/row.ts'
import type { Label } from './label.ts'
import type { Stage } from './stage.ts'
import { Timeline } from './timeline.ts'
import { Trial, type TrialOptions } from './trial.ts'
import { failedTrial, type MemberRecord, type TrialResult, toResult } from './trial-result.ts'

/** Before the fault, so that ICE and the round-trip times settle. */
const settleMs = 2_500
/** After the healing, to see whether it lasts. */
const lastingMs = 2_000
/** For the numbers that are on the way when the sending ends. */
const arrivingMs = 1_500
const pollMs = 250
const defaultWatchS = 30

/** All rooms of a batch suffer the fault at once, each in tabs of its own. */
export interface Batch {
  readonly row: FaultRow
  readonly trials: readonly TrialOptions[]
  readonly random: Random
}

export async function runFault(stage: Stage, batch: Batch): Promise<readonly TrialResult[]> {
  const { row } = batch
  for (const side of stage.network.sides) stage.network.setNat(side, row.nats?.[side] ?? 'port')
  const label = (options: TrialOptions): Label => stage.label(row, options)
  const failed: TrialResult[] = []
  const opened: Trial[] = []
  for (const options of batch.trials) {
    await Trial.open(stage, row, options).then(
      (trial) => opened.push(trial),
      (error) => failed.push(failedTrial(label(options), error)),
    )
  }
  try {
    return [...failed, ...(await suffer(stage, { ...batch, opened, label }))]
  } finally {
    await Promise.all(opened.map((trial) => trial.close()))
    await restore(stage)
  }
}

interface OpenBatch extends Batch {
  readonly opened: readonly Trial[]
  readonly label: (options: TrialOptions) => Label
}

async function suffer(stage: Stage, batch: OpenBatch): Promise<readonly TrialResult[]> {
  const { row, opened, label, random } = batch
  if (opened.length === 0) return []
  await setTimeout(settleMs)
  const before = await Promise.all(opened.map((trial) => trial.identities()))
  const cpuBefore = stage.cpuSeconds('A')
  const timeline = new Timeline({ stage, trials: opened, random }, row)
  await timeline.back
  await untilHealed(timeline, batch)
  await timeline.done
  await setTimeout(lastingMs)
  const lastedS = (Date.now() - timeline.marks.faultAt) / 1_000
  const cpu = (stage.cpuSeconds('A') - cpuBefore) / lastedS / opened.length
  await Promise.all(opened.map((trial) => trial.stopSending()))
  await setTimeout(arrivingMs)
  const times = { ...timeline.marks, endAt: Date.now() - arrivingMs }
  return Promise.all(
    opened.map(async (trial, index) => {
      const members = await recordsOf(trial, before[index] ?? [])
      const links = trial.links.map(([one, other]) => [one.name, other.name] as const)
      return toResult(label(trial), { members, links, times, cpu })
    }),
  )
}

/** Polls until numbers flow in every room, or the end of a member is known, or `watchS` after the last thing came back. */
async function untilHealed(timeline: Timeline, { row, opened }: OpenBatch): Promise<void> {
  let isDone = false
  timeline.done.then(
    () => {
      isDone = true
    },
    () => null,
  )
  for (;;) {
    const { backAt, serverBackAt, faultAt } = timeline.marks
    const since = backAt ?? faultAt
    const ended = await Promise.all(
      opened.map((trial) => (row.expects === 'gone' ? trial.isOver() : trial.isHealed(since))),
    )
    if (ended.every(Boolean)) return
    const lastAt = Math.max(since, serverBackAt ?? 0)
    if (isDone && Date.now() - lastAt > (row.watchS ?? defaultWatchS) * 1_000) return
    await setTimeout(pollMs)
  }
}

async function recordsOf(
  trial: Trial,
  before: readonly MemberRecord['before'][],
): Promise<readonly MemberRecord[]> {
  const [after, logs] = await Promise.all([trial.identities(), trial.logs()])
  return trial.survivors.flatMap(({ name }, index) => {
    const [own, later, log] = [before[index], after[index], logs[index]]
    return own && later && log ? [{ name, before: own, after: later, log }] : []
  })
}

async function restore(stage: Stage): Promise<void> {
  for (const side of stage.network.sides) {
    stage.network.pass(side)
    stage.network.restore(side)
  }
  await stage.restoreCables()
  await stage.restoreServers()
  await stage.startBrowsers()
}
