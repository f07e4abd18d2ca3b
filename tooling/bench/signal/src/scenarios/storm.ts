import type { Contestant } from '../contestants.ts'
import { contestantOf } from '../contestants.ts'
import type { Figures, Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'
import type { Stage } from '../stage.ts'

const count = 2_000
const roomSize = 8

/** Everybody comes in the same moment, as after the restart of something that many watch. */
export const storm: Scenario = {
  name: 'storm',
  about: `${count} join in the same moment, rooms of ${roomSize}; from connect to welcome (bare-rooms also tells the room, as the others do but peerjs, which has no rooms, and bare)`,
  contestants: ['bare', 'bare-rooms', 'skein', 'peerjs', 'socket.io'],
  figures: {
    p50: { label: 'p50 ms', digits: 0 },
    p99: { label: 'p99 ms', digits: 0 },
    cpuMs: { label: 'CPU ms', digits: 0 },
    lost: { label: 'refused or lost', digits: 0, as: 'alone' },
  },
  timeoutMs: 60_000,
  open: async (stage, name) => {
    const contestant = contestantOf(name)
    const server = await stage.start(contestant)
    // The compilers are no part of a storm that comes once a month.
    await run(stage, { contestant, server })
    return {
      run: () => run(stage, { contestant, server }),
      close: async () => server.stop(),
    }
  },
}

const run = async (
  stage: Stage,
  { contestant, server }: { readonly contestant: Contestant; readonly server: ServerProcess },
): Promise<Figures> => {
  const crowd = await stage.gather(contestant, { server, roomSize, capacity: count })
  const before = server.cpuMs()
  const { joined, p50, p99 } = await crowd.open({ count, atOnce: count })
  const cpuMs = server.cpuMs() - before
  await crowd.close()
  // The next one's storm is not to be disturbed by those who leave this one.
  await server.quiet()
  return { p50: p50 / 1e3, p99: p99 / 1e3, cpuMs, lost: count - joined }
}
