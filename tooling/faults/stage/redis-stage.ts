import type { TestContext } from 'vitest'
import { openFolder, removeFolder } from '../servers/guard.ts'
import { RedisLine } from '../servers/redis-line.ts'
import { RedisNode } from '../servers/redis-node.ts'
import { Stage } from './stage.ts'

/** A stage of three nodes that share a Redis. */
export interface RedisStage {
  readonly stage: Stage
  readonly redis: RedisNode
  /** By these the nodes reach Redis, each by its own. */
  readonly lines: readonly RedisLine[]
}

export async function openRedisStage(context: TestContext): Promise<RedisStage> {
  const redis = await openRedis('redis', context)
  const lines = await Promise.all(Array.from({ length: nodeCount }, () => openLine(redis, context)))
  const settingsOf = (index: number): Record<string, string> => {
    const line = lines[index]
    return line === undefined ? {} : { SKEIN_REDIS_URL: line.url }
  }
  return { stage: await Stage.open({ nodeCount, settingsOf }, context), redis, lines }
}

const nodeCount = 3

/** A Redis that is started, and ends with the test. */
export async function openRedis(name: string, { onTestFinished }: TestContext): Promise<RedisNode> {
  const folder = await openFolder()
  onTestFinished(() => removeFolder(folder))
  const redis = new RedisNode(folder, name)
  onTestFinished(() => redis.kill())
  await redis.start()
  return redis
}

export async function openLine(
  redis: RedisNode,
  { onTestFinished }: TestContext,
): Promise<RedisLine> {
  const line = await RedisLine.to(redis.path)
  onTestFinished(() => line.close())
  return line
}
