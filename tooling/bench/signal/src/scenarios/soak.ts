import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '@skein/bench-rounds'
import { ChurnClient } from '../churn-client.ts'
import { contestantOf } from '../contestants.ts'
import type { Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'

const minutes = 10
/** By then memory use has settled: growth after this point is a leak. */
const settleMinutes = 2
const clientCount = 800
const roomSize = 8
const actionsPerTurn = 4
const turnMs = 20
const sampleEveryMs = 2_000
const mib = 1024 ** 2

/** A short run that stands for days of churn. */
export const soak: Scenario = {
  name: 'soak',
  about: `${minutes} minutes of churn: ${clientCount} clients in rooms of ${roomSize} join, leave, lose their connection and resume, transfer the host role, signal; resident memory without a forced collection, from minute ${settleMinutes} on`,
  contestants: ['skein'],
  figures: {
    early: { label: `MiB in minutes ${settleMinutes}–${settleMinutes + 2}`, digits: 0 },
    late: { label: 'MiB in the last two minutes', digits: 0 },
    slope: { label: 'MiB per minute', digits: 2 },
    heapEarly: { label: `heap in use at minute ${settleMinutes}`, digits: 1 },
    heapLate: { label: 'heap in use at the end', digits: 1 },
    actions: { label: 'actions', digits: 0 },
    errors: { label: 'unexpected errors', digits: 0 },
    gauges: { label: 'gauges not back at 0', digits: 0 },
  },
  maxRounds: 1,
  timeoutMs: (minutes + 2) * 60_000,
  open: async (stage, name) => {
    const server = await stage.start(contestantOf(name))
    let errors: readonly string[] = []
    return {
      run: async () => {
        const soaked = await run(server)
        errors = soaked.errors
        return soaked.figures
      },
      note: () => (errors.length === 0 ? null : [...new Set(errors)].join(', ')),
      close: async () => server.stop(),
    }
  },
}

const run = async (server: ServerProcess) => {
  const url = `ws://127.0.0.1:${server.port}/ws`
  const crowd = Array.from(
    { length: clientCount },
    (_, n) => new ChurnClient({ url, room: `soak ${Math.floor(n / roomSize)}` }),
  )
  const churned = await churn(crowd, server)
  const heapLate = await server.heapBytes()
  for (const client of crowd) {
    if (client.isJoined) client.leave()
    else client.drop()
  }
  const errors = crowd.flatMap((client) => client.errors)
  const heap = { heapEarly: churned.heapEarly / mib, heapLate: heapLate / mib }
  const { actions } = churned
  const figures = { ...summarize(churned.samples), ...heap, actions, errors: errors.length }
  return { figures: { ...figures, gauges: await untilEmpty(server) }, errors }
}

/** Lets clients join and leave, and samples the server's memory meanwhile. */
const churn = async (crowd: readonly ChurnClient[], server: ServerProcess) => {
  const samples: MemorySample[] = []
  const startedAt = performance.now()
  let actions = 0
  let heapEarly = Number.NaN
  for (let [minute, nextSample] = [0, 0]; minute < minutes; await pause(turnMs)) {
    for (let n = 0; n < actionsPerTurn; n += 1)
      actions += act(crowd[Math.floor(Math.random() * clientCount)])
    minute = (performance.now() - startedAt) / 60_000
    if (minute * 60_000 < nextSample) continue
    nextSample += sampleEveryMs
    // The one forced collection before the end: the heap at the end must not be larger.
    if (Number.isNaN(heapEarly) && minute >= settleMinutes) heapEarly = await server.heapBytes()
    samples.push({ minute, bytes: await server.residentBytesNow() })
  }
  return { samples, heapEarly, actions }
}

/** One random action; an offline client joins. */
const act = (client: ChurnClient | undefined): number => {
  if (client === undefined || !(client.isJoined || client.isOffline)) return 0
  const chance = Math.random()
  if (client.isOffline) client.join()
  else if (chance < 0.1) client.leave()
  else if (chance < 0.25) client.drop()
  else if (chance < 0.35) client.transfer()
  else if (chance < 0.4) client.update({ at: chance })
  else client.signal({ link: { local: 'a', remote: null }, type: 'candidate', candidate: null })
  return 1
}

interface MemorySample {
  readonly minute: number
  readonly bytes: number
}

const summarize = (samples: readonly MemorySample[]) => {
  const between = (from: number, to: number): number =>
    quantile(
      samples.filter(({ minute }) => minute >= from && minute < to).map(({ bytes }) => bytes / mib),
      0.5,
    )
  return {
    early: between(settleMinutes, settleMinutes + 2),
    late: between(minutes - 2, minutes),
    slope: slopeOf(samples.filter(({ minute }) => minute >= settleMinutes)),
  }
}

/** MiB per minute, by least squares. */
const slopeOf = (samples: readonly MemorySample[]): number => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanMinute, meanBytes] = [
    mean(samples.map(({ minute }) => minute)),
    mean(samples.map(({ bytes }) => bytes)),
  ]
  const across = mean(samples.map(({ minute }) => (minute - meanMinute) ** 2))
  const together = mean(
    samples.map(({ minute, bytes }) => (minute - meanMinute) * (bytes - meanBytes)),
  )
  return together / across / mib
}

/** Gauges that must be 0 when nobody is connected. */
const gauges = ['skein_connections', 'skein_rooms', 'skein_members', 'skein_send_queue_bytes']
/** Clients that lost their connection stay members for their grace period. */
const maxWaitMs = 30_000

/** Waits until all are 0; returns how many are not. */
const untilEmpty = async (server: ServerProcess): Promise<number> => {
  const giveUpAt = performance.now() + maxWaitMs
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`)
    const lines = (await answer.text()).split('\n')
    const left = gauges.filter((gauge) => !lines.includes(`${gauge} 0`))
    if (left.length === 0 || performance.now() > giveUpAt) return left.length
    await pause(sampleEveryMs)
  }
}
