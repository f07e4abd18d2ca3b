import { contestantOf } from '../contestants.ts'
import { floodPairs, openPairs } from '../pairs.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { everyRelay } from './relay.ts'

const share = 0.6
const windowMs = 1_000

/** The latency of a signal while the server is busy but not saturated. */
export const latency: Scenario = {
  name: 'latency',
  about: `signals at a steady rate, for every server ${share * 100} % of the maximum that skein relays`,
  contestants: everyRelay,
  figures: {
    p50: { label: 'p50 µs', digits: 0 },
    p99: { label: 'p99 µs', digits: 0 },
    sent: { label: 'signals/s', digits: 0, as: 'alone' },
    serverCpu: { label: 'server cores', digits: 2, as: 'alone' },
  },
  timeoutMs: 60_000,
  open: async (stage, name) => {
    const perSecond = share * (await saturationOf(stage))
    const { server, crowd, close } = await openPairs(stage, contestantOf(name))
    return {
      run: async () => {
        const timed = await crowd.steady({ perSecond, windowMs, pids: [server.pid] })
        return { ...timed, serverCpu: timed.cpuMs / windowMs }
      },
      close,
    }
  },
}

const known = new WeakMap<Stage, Promise<number>>()

/** The maximum rate that skein relays, measured once. */
const saturationOf = (stage: Stage): Promise<number> => {
  const saturation = known.get(stage) ?? measureSaturation(stage)
  known.set(stage, saturation)
  return saturation
}

const measureSaturation = async (stage: Stage): Promise<number> => {
  const pairs = await openPairs(stage, contestantOf('skein'))
  const { perSecond } = await floodPairs(pairs, 3_000)
  await pairs.close()
  return perSecond
}
