import type { Contestant } from '../contestants.ts'
import { contestantOf } from '../contestants.ts'
import type { Figures, Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'
import type { Stage } from '../stage.ts'

const count = 2_000
const roomSize = 8

/** Everyone joins at the same moment, as after a restart. */
export const storm: Scenario = {
  name: 'storm',
  about: `${count} clients join at the same moment, rooms of ${roomSize}; time from connect to welcome (every server notifies the room, except bare and peerjs, which has no rooms)`,
  contestants: ['bare', 'bare-rooms', 'skein', 'peerjs', 'socket.io'],
  figures: {
    p50: { label: 'p50 ms', digits: 0 },
    p99: { label: 'p99 ms', digits: 0 },
    cpuMs: { label: 'CPU ms', digits: 0 },
    lost: { label: 'rejected or lost', digits: 0, as: 'alone' },
  },
  timeoutMs: 60_000,
  open: async (stage, name) => {
    const contestant = contestantOf(name)
    const server = await stage.start(contestant)
    // A warm-up for JIT compilation.
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
  const crowd = await stage.openCrowd(contestant, { server, roomSize, capacity: count })
  const before = server.cpuMs()
  const { joined, p50, p99 } = await crowd.open({ count, atOnce: count })
  const cpuMs = server.cpuMs() - before
  await crowd.close()
  // Leaving clients must not disturb the next contestant's storm.
  await server.quiet()
  return { p50: p50 / 1e3, p99: p99 / 1e3, cpuMs, lost: count - joined }
}
