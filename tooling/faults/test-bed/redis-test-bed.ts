import type { TestContext } from 'vitest'
import { openFolder, removeFolder } from '../servers/guard.ts'
import { RedisNode } from '../servers/redis-node.ts'
import { RedisProxy } from '../servers/redis-proxy.ts'
import { TestBed } from './test-bed.ts'

/** A test bed with three nodes that share a Redis. */
export interface RedisTestBed {
  readonly testBed: TestBed
  readonly redis: RedisNode
  /** The proxies between the nodes and Redis, one per node. */
  readonly proxies: readonly RedisProxy[]
}

export async function openRedisTestBed(context: TestContext): Promise<RedisTestBed> {
  const redis = await openRedis('redis', context)
  const proxies = await Promise.all(
    Array.from({ length: nodeCount }, () => openProxy(redis, context)),
  )
  const settingsOf = (index: number): Record<string, string> => {
    const proxy = proxies[index]
    return proxy === undefined ? {} : { SKEIN_REDIS_URL: proxy.url }
  }
  return { testBed: await TestBed.open({ nodeCount, settingsOf }, context), redis, proxies }
}

const nodeCount = 3

/** Starts a Redis that ends with the test. */
export async function openRedis(name: string, { onTestFinished }: TestContext): Promise<RedisNode> {
  const folder = await openFolder()
  onTestFinished(() => removeFolder(folder))
  const redis = new RedisNode(folder, name)
  onTestFinished(() => redis.kill())
  await redis.start()
  return redis
}

/** Opens a proxy to a Redis that ends with the test. */
export async function openProxy(
  redis: RedisNode,
  { onTestFinished }: TestContext,
): Promise<RedisProxy> {
  const proxy = await RedisProxy.to(redis.path)
  onTestFinished(() => proxy.close())
  return proxy
}
