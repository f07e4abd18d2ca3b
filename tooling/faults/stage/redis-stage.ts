import type { TestContext } from 'vitest'
import { openFolder, removeFolder } from '../servers/guard.ts'
import { RedisLine } from '../servers/redis-line.ts'
import { RedisNode } from '../servers/redis-node.ts'
import { Stage, type StageOptions } from './stage.ts'

/** A stage whose nodes share a Redis. */
export interface RedisStage {
  readonly stage: Stage
  readonly redis: RedisNode
  /** By it the nodes reach Redis. */
  readonly line: RedisLine
}

export async function openRedisStage(
  { settings = {}, ...options }: StageOptions,
  context: TestContext,
): Promise<RedisStage> {
  const redis = await openRedis('redis', context)
  const line = await openLine(redis, context)
  const all = { ...settings, SKEIN_REDIS_URL: line.url }
  return { stage: await Stage.open({ ...options, settings: all }, context), redis, line }
}

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
