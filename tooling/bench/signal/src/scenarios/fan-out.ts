import { contestantOf } from '../contestants.ts'
import type { Scenario } from '../scenario.ts'

const roomCount = 16
const joins = 200

const fanOutOf = (name: string, roomSize: number): Scenario => ({
  name,
  about: `one client joins a room of ${roomSize}; time until the last other member is notified; ${joins} joins in sequence, each followed by a leave`,
  contestants: ['bare-rooms', 'skein', 'socket.io'],
  figures: {
    p50: { label: 'p50 µs', digits: 0 },
    p99: { label: 'p99 µs', digits: 0 },
    cpuPerDelivery: { label: 'CPU µs per delivery', digits: 1 },
  },
  timeoutMs: 60_000,
  open: async (stage, contestantName) => {
    const contestant = contestantOf(contestantName)
    const server = await stage.start(contestant)
    const others = roomSize - 1
    const count = roomCount * others
    const crowd = await stage.openCrowd(contestant, { server, roomSize: others, capacity: count })
    await crowd.openAll({ count, atOnce: 100 })
    const run = async () => {
      const joiners = await stage.openCrowd(contestant, {
        server,
        roomSize: roomCount,
        capacity: joins,
        joins: crowd,
      })
      await joiners.prepare(joins)
      const pids = [server.pid]
      const { p50, p99, cpuMs } = await crowd.fanOut({ joiners, count: joins, pids })
      await joiners.close()
      // Every join and every leave is delivered to all other members.
      return { p50, p99, cpuPerDelivery: (cpuMs * 1e3) / (joins * others * 2) }
    }
    // A warm-up for JIT compilation.
    await run()
    const close = async (): Promise<void> => {
      await crowd.close()
      server.stop()
    }
    return { run, close }
  },
})

export const fanOut: readonly Scenario[] = [fanOutOf('join-16', 16), fanOutOf('join-64', 64)]
