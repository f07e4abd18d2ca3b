import { type Contestant, contestantOf } from '../contestants.ts'
import type { Figures, Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const mib = 1024 ** 2
/** The first members pay for loading and compiling; they are not counted. */
const firstCount = 200
/** Most rooms are small. */
const roomSize = 4

const memoryOf = (name: string, count: number): Scenario => ({
  name,
  about: `resident memory of a fresh server with ${count} idle members in rooms of ${roomSize}`,
  contestants: ['bare', 'bare-bounded', 'skein', 'peerjs', 'socket.io'],
  figures: {
    perMember: { label: 'KB per member', digits: 1 },
    process: { label: 'process MiB', digits: 0 },
  },
  maxRounds: 3,
  timeoutMs: 240_000,
  open: async (stage, name) => ({
    run: () => run(stage, { contestant: contestantOf(name), count }),
    close: async () => {},
  }),
})

const run = async (
  stage: Stage,
  { contestant, count }: { readonly contestant: Contestant; readonly count: number },
): Promise<Figures> => {
  const server = await stage.start(contestant)
  const capacity = firstCount + count
  const crowd = await stage.openCrowd(contestant, { server, roomSize, capacity })
  try {
    await crowd.openAll({ count: firstCount, atOnce: 100 })
    const before = await server.residentBytes()
    await crowd.openAll({ count, atOnce: 100 })
    const after = await server.residentBytes()
    return { perMember: (after - before) / count / 1024, process: after / mib }
  } finally {
    server.stop()
    await crowd.close()
  }
}

export const memory: readonly Scenario[] = [
  memoryOf('members-1k', 1_000),
  memoryOf('members-10k', 10_000),
]
