import type { Contestant } from './contestants.ts'
import type { Crowd, Flooded } from './crowd.ts'
import type { ServerProcess } from './server-process.ts'
import type { Stage } from './stage.ts'

/** A server, and the pairs that signal through it. */
export interface Pairs {
  readonly server: ServerProcess
  readonly crowd: Crowd
  readonly close: () => Promise<void>
}

const pairCount = 64
/** A warm server has relayed this many. */
const warmUpMessages = 150_000
const warmUpWindows = 20
/** Per pair. Enough that no server waits for the generator. */
const inFlight = 2

export const openPairs = async (stage: Stage, contestant: Contestant): Promise<Pairs> => {
  const server = await stage.start(contestant)
  const count = 2 * pairCount
  const crowd = await stage.openCrowd(contestant, { server, roomSize: 2, capacity: count })
  await crowd.openAll({ count, atOnce: count })
  await crowd.pair()
  await warmUp({ server, crowd })
  const close = async (): Promise<void> => {
    await crowd.close()
    server.stop()
  }
  return { server, crowd, close }
}

export const floodPairs = (
  { server, crowd }: Pick<Pairs, 'server' | 'crowd'>,
  windowMs: number,
): Promise<Flooded> => crowd.flood({ inFlight, warmMs: 200, windowMs, pids: [server.pid] })

/** Relays by count, not by time, because JIT compilation takes longer on a busy machine. */
const warmUp = async (pairs: Pick<Pairs, 'server' | 'crowd'>): Promise<void> => {
  let relayed = 0
  for (let window = 0; window < warmUpWindows && relayed < warmUpMessages; window += 1)
    relayed += (await floodPairs(pairs, 500)).perSecond / 2
}
