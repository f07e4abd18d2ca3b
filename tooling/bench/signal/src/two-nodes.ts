import { setTimeout as pause } from 'node:timers/promises'
import { type Contestant, contestantOf } from './contestants.ts'
import type { RedisProcess } from './redis-process.ts'
import type { ServerProcess } from './server-process.ts'
import { skeinOptions } from './skein-options.ts'
import type { Stage } from './stage.ts'

/** The contestants that can share rooms between nodes over Redis. */
export type RedisName = 'skein' | 'socket.io'

/** Two nodes and the Redis between them. */
export interface TwoNodes {
  readonly contestant: Contestant
  readonly redis: RedisProcess
  readonly nodes: readonly ServerProcess[]
  readonly ports: readonly number[]
  readonly stop: () => void
}

export const startTwoNodes = async (stage: Stage, name: RedisName): Promise<TwoNodes> => {
  const redis = await stage.startRedis()
  const args = {
    skein: [JSON.stringify({ ...skeinOptions, redisUrl: redis.url })],
    'socket.io': [redis.url],
  }
  const contestant = { ...contestantOf(name), args: args[name] }
  const nodes = [await stage.start(contestant), await stage.start(contestant)]
  // The nodes must discover each other first.
  await pause(settleMs)
  const stop = (): void => {
    for (const node of nodes) node.stop()
    redis.stop()
  }
  return { contestant, redis, nodes, ports: nodes.map(({ port }) => port), stop }
}

const settleMs = 1_000
