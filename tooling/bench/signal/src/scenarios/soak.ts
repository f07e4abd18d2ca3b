import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '@skein/bench-rounds'
import { contestantOf } from '../contestants.ts'
import { Person } from '../person.ts'
import type { Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'

const minutes = 10
/** By then everything has happened that happens: what grows later grows without end. */
const settleMinutes = 2
const people = 800
const roomSize = 8
const actsPerTurn = 4
const turnMs = 20
const lookEveryMs = 2_000
const mib = 1024 ** 2

/** Days of coming and going, in short. */
export const soak: Scenario = {
  name: 'soak',
  about: `${minutes} minutes of churn: ${people} people in rooms of ${roomSize} join, leave, are cut off and resume, transfer the role, signal; resident memory as it is, from minute ${settleMinutes} on`,
  contestants: ['skein'],
  figures: {
    early: { label: `MiB in minutes ${settleMinutes}–${settleMinutes + 2}`, digits: 0 },
    late: { label: 'MiB in the last two', digits: 0 },
    slope: { label: 'MiB a minute', digits: 2 },
    heapEarly: { label: `heap in use at minute ${settleMinutes}`, digits: 1 },
    heapLate: { label: 'at the end', digits: 1 },
    acts: { label: 'acts', digits: 0 },
    complaints: { label: 'complaints', digits: 0 },
    left: { label: 'of metrics not back at 0', digits: 0 },
  },
  maxRounds: 1,
  timeoutMs: (minutes + 2) * 60_000,
  open: async (stage, name) => {
    const server = await stage.start(contestantOf(name))
    let complaints: readonly string[] = []
    return {
      run: async () => {
        const soaked = await run(server)
        complaints = soaked.complaints
        return soaked.figures
      },
      note: () => (complaints.length === 0 ? null : [...new Set(complaints)].join(', ')),
      close: async () => server.stop(),
    }
  },
}

const run = async (server: ServerProcess) => {
  const url = `ws://127.0.0.1:${server.port}/ws`
  const crowd = Array.from(
    { length: people },
    (_, n) => new Person({ url, room: `soak ${Math.floor(n / roomSize)}` }),
  )
  const lived = await live(crowd, server)
  const heapLate = await server.heapBytes()
  for (const person of crowd) {
    if (person.isHere) person.leave()
    else person.drop()
  }
  const complaints = crowd.flatMap((person) => person.complaints)
  const heap = { heapEarly: lived.heapEarly / mib, heapLate: heapLate / mib }
  const { acts } = lived
  const figures = { ...judge(lived.looks), ...heap, acts, complaints: complaints.length }
  return { figures: { ...figures, left: await untilEmpty(server) }, complaints }
}

/** Lets people come and go, and looks at the server meanwhile. */
const live = async (crowd: readonly Person[], server: ServerProcess) => {
  const looks: Look[] = []
  const startedAt = performance.now()
  let acts = 0
  let heapEarly = Number.NaN
  for (let [minute, nextLook] = [0, 0]; minute < minutes; await pause(turnMs)) {
    for (let n = 0; n < actsPerTurn; n += 1) acts += act(crowd[Math.floor(Math.random() * people)])
    minute = (performance.now() - startedAt) / 60_000
    if (minute * 60_000 < nextLook) continue
    nextLook += lookEveryMs
    // The one collection that is asked for: what is in use now is to be in use at the end, no more.
    if (Number.isNaN(heapEarly) && minute >= settleMinutes) heapEarly = await server.heapBytes()
    looks.push({ minute, bytes: await server.residentBytesNow() })
  }
  return { looks, heapEarly, acts }
}

/** One thing that people do; those who are away come. */
const act = (person: Person | undefined): number => {
  if (person === undefined || !(person.isHere || person.isAway)) return 0
  const chance = Math.random()
  if (person.isAway) person.come()
  else if (chance < 0.1) person.leave()
  else if (chance < 0.25) person.drop()
  else if (chance < 0.35) person.transfer()
  else if (chance < 0.4) person.update({ at: chance })
  else person.signal({ link: { local: 'a', remote: null }, type: 'candidate', candidate: null })
  return 1
}

interface Look {
  readonly minute: number
  readonly bytes: number
}

const judge = (looks: readonly Look[]) => {
  const between = (from: number, to: number): number =>
    quantile(
      looks.filter(({ minute }) => minute >= from && minute < to).map(({ bytes }) => bytes / mib),
      0.5,
    )
  return {
    early: between(settleMinutes, settleMinutes + 2),
    late: between(minutes - 2, minutes),
    slope: slopeOf(looks.filter(({ minute }) => minute >= settleMinutes)),
  }
}

/** MiB a minute, by least squares. */
const slopeOf = (looks: readonly Look[]): number => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanMinute, meanBytes] = [
    mean(looks.map(({ minute }) => minute)),
    mean(looks.map(({ bytes }) => bytes)),
  ]
  const across = mean(looks.map(({ minute }) => (minute - meanMinute) ** 2))
  const together = mean(
    looks.map(({ minute, bytes }) => (minute - meanMinute) * (bytes - meanBytes)),
  )
  return together / across / mib
}

/** What is to be nothing when nobody is there. */
const gauges = ['skein_connections', 'skein_rooms', 'skein_members', 'skein_send_queue_bytes']
/** Those who were cut off last are members for as long as their grace. */
const mostWaitMs = 30_000

/** How many of them are not. */
const untilEmpty = async (server: ServerProcess): Promise<number> => {
  const giveUpAt = performance.now() + mostWaitMs
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`)
    const lines = (await answer.text()).split('\n')
    const left = gauges.filter((gauge) => !lines.includes(`${gauge} 0`))
    if (left.length === 0 || performance.now() > giveUpAt) return left.length
    await pause(lookEveryMs)
  }
}
