import { setTimeout as pause } from 'node:timers/promises'
import { contestantOf } from '../contestants.ts'
import type { Figures, Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'

const count = 10_000
/** In this time each member gets one ping. */
const windowMs = 25_000

/** The cost of keeping idle connections alive. */
export const heartbeats: Scenario = {
  name: 'heartbeats',
  about: `${count} idle members, each pinged once every ${windowMs / 1e3} s, one slice at a time`,
  contestants: ['bare-heartbeats', 'skein'],
  figures: {
    cpu: { label: '% of a core', digits: 2 },
    stall: { label: 'longest stall ms', digits: 1 },
  },
  maxRounds: 3,
  timeoutMs: 200_000,
  open: async (stage, name) => {
    const contestant = contestantOf(name)
    const run = async () => {
      const server = await stage.start(contestant)
      const crowd = await stage.openCrowd(contestant, { server, roomSize: 4, capacity: count })
      try {
        await crowd.openAll({ count, atOnce: 100 })
        return await watch(server)
      } finally {
        server.stop()
        await crowd.close()
      }
    }
    return { run, close: async () => {} }
  },
}

const watch = async (server: ServerProcess): Promise<Figures> => {
  // Collects the garbage of the joins first.
  await server.residentBytes()
  await server.watchStalls()
  const before = server.cpuMs()
  await pause(windowMs)
  const cpuMs = server.cpuMs() - before
  return { cpu: (cpuMs / windowMs) * 100, stall: await server.longestStallMs() }
}
