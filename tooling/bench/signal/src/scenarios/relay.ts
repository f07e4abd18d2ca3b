import { contestantOf, type Name } from '../contestants.ts'
import { floodPairs, openPairs } from '../pairs.ts'
import type { Scenario } from '../scenario.ts'

export const everyRelay: readonly Name[] = [
  'bare',
  'skein',
  'crossws',
  'hono',
  'peerjs',
  'socket.io',
]

const windowMs = 1_000

/** The maximum signal rate of a server on one core. */
export const relay: Scenario = {
  name: 'relay',
  about:
    'maximum rate of signals relayed between 64 pairs, two in flight per pair: 10 candidates of 200 bytes for each offer of 3 KB',
  contestants: everyRelay,
  figures: {
    perSecond: { label: 'signals/s', digits: 0 },
    perCpuSecond: { label: 'per CPU second', digits: 0 },
    serverCpu: { label: 'server cores', digits: 2, as: 'alone' },
    generatorCpu: { label: 'generator cores', digits: 2, as: 'alone' },
  },
  timeoutMs: 60_000,
  open: async (stage, name) => {
    const pairs = await openPairs(stage, contestantOf(name))
    return {
      run: async () => {
        const flooded = await floodPairs(pairs, windowMs)
        return { ...flooded, perCpuSecond: flooded.perSecond / flooded.serverCpu }
      },
      close: pairs.close,
    }
  },
}
