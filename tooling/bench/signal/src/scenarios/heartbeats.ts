import { setTimeout as pause } from 'node:timers/promises'
import { contestantOf } from '../contestants.ts'
import type { Scenario } from '../scenario.ts'

const count = 10_000
/** Each member gets one ping. */
const windowMs = 25_000

/** What it costs to know that those are alive who say nothing. */
export const heartbeats: Scenario = {
  name: 'heartbeats',
  about: `${count} idle members, each pinged once in ${windowMs / 1e3} s, a slice at a time`,
  contestants: ['bare-heartbeats', 'skein'],
  figures: {
    cpu: { label: '% of a core', digits: 2 },
    stall: { label: 'longest stall ms', digits: 1 },
  },
  maxRounds: 3,
  timeoutMs: 90_000,
  open: async (stage, name) => {
    const contestant = contestantOf(name)
    const run = async () => {
      const server = await stage.start(contestant)
      const crowd = await stage.gather(contestant, { server, roomSize: 4, capacity: count })
      await crowd.openAll({ count, atOnce: 100 })
      // What the joining has left behind is collected before.
      await server.residentBytes()
      await server.watchStalls()
      const before = server.cpuMs()
      await pause(windowMs)
      const cpuMs = server.cpuMs() - before
      const stall = await server.longestStallMs()
      server.stop()
      await crowd.close()
      return { cpu: (cpuMs / windowMs) * 100, stall }
    }
    return { run, close: async () => {} }
  },
}
