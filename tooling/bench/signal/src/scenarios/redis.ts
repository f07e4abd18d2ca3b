import type { Crowd } from '../crowd.ts'
import { whyNoRedis } from '../redis-process.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { type RedisName, startTwoNodes, type TwoNodes } from '../two-nodes.ts'

const contestants: readonly RedisName[] = ['skein', 'socket.io']
const windowMs = 1_000
const pairCount = 64
const inFlight = 4

/** The rate and cost of signals between nodes. */
const redisRelay: Scenario = {
  name: 'redis-relay',
  about: `two nodes over Redis, all on one core: ${pairCount} pairs with ${inFlight} signals in flight each, every signal from one node to the other`,
  contestants,
  figures: {
    perSecond: { label: 'signals/s', digits: 0 },
    perCpuSecond: { label: 'per CPU second of nodes and Redis', digits: 0 },
    perNodeSecond: { label: 'per CPU second of the nodes alone', digits: 0 },
    generatorCpu: { label: 'generator cores', digits: 2, as: 'alone' },
  },
  timeoutMs: 60_000,
  whyNot: whyNoRedis,
  open: async (stage, name) => {
    const two = await startTwoNodes(stage, redisName(name))
    const { contestant, ports } = two
    const count = 2 * pairCount
    const crowd = await stage.openCrowdAt(ports, contestant, { roomSize: 2, capacity: count })
    await crowd.openAll({ count, atOnce: 8 })
    await crowd.pair()
    for (let window = 0; window < 4; window += 1) await flood(crowd, two)
    const close = async (): Promise<void> => {
      await crowd.close()
      two.stop()
    }
    return { run: () => flood(crowd, two), close }
  },
}

const flood = async (crowd: Crowd, { nodes, redis }: TwoNodes): Promise<Figures> => {
  const pids = nodes.map(({ pid }) => pid)
  const options = { inFlight, warmMs: 200, windowMs }
  const all = await crowd.flood({ ...options, pids: [...pids, redis.pid] })
  const alone = await crowd.flood({ ...options, pids })
  return {
    perSecond: all.perSecond,
    perCpuSecond: all.perSecond / all.serverCpu,
    perNodeSecond: alone.perSecond / alone.serverCpu,
    generatorCpu: all.generatorCpu,
  }
}

const joins = 400
const atOnce = 16

/** The time of a join when the room is in Redis and its members are on two nodes. */
const redisJoin: Scenario = {
  name: 'redis-join',
  about: `two nodes over Redis, all on one core: ${joins} joins, ${atOnce} at a time, rooms of 8 on both nodes; time from connect to welcome`,
  contestants,
  figures: {
    p50: { label: 'p50 ms', digits: 1 },
    p99: { label: 'p99 ms', digits: 1 },
    lost: { label: 'rejected or lost', digits: 0, as: 'alone' },
  },
  timeoutMs: 60_000,
  whyNot: whyNoRedis,
  open: async (stage, name) => {
    const { contestant, ports, nodes, stop } = await startTwoNodes(stage, redisName(name))
    const run = async () => {
      const crowd = await stage.openCrowdAt(ports, contestant, { roomSize: 8, capacity: joins })
      const { joined, p50, p99 } = await crowd.open({ count: joins, atOnce })
      await crowd.close()
      for (const node of nodes) await node.quiet()
      return { p50: p50 / 1e3, p99: p99 / 1e3, lost: joins - joined }
    }
    // A warm-up for JIT compilation.
    await run()
    return { run, close: async () => stop() }
  },
}

const redisName = (name: string): RedisName => (name === 'skein' ? name : 'socket.io')

export const redis: readonly Scenario[] = [redisRelay, redisJoin]
