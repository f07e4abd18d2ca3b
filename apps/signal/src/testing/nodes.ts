import { expect, onTestFinished } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { startTestServer, type TestServer } from './servers.ts'

/** Servers that share a Redis started for this test. */
export interface TestNodes {
  readonly redis: RedisServer
  readonly nodes: readonly [TestServer, TestServer, ...TestServer[]]
}

export const startNodes = async (
  count: number,
  options: ServerOptions = {},
): Promise<TestNodes> => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const start = (): Promise<TestServer> => startNode(redis, options)
  const [one, two, ...more] = [await start(), await start()]
  const others = await Promise.all(Array.from({ length: count - 2 }, start))
  if (one === undefined || two === undefined) throw new Error('Two servers were started.')
  await Promise.all([one, two, ...more, ...others].map(waitUntilReady))
  return { redis, nodes: [one, two, ...more, ...others] }
}

/** On a busy machine a server may start before its store responds. */
const waitUntilReady = async ({ httpUrl }: TestServer): Promise<void> => {
  const status = async (): Promise<number> => (await fetch(`${httpUrl}/readyz`)).status
  await expect.poll(status, { timeout: 20_000 }).toBe(200)
}

/** Starts one more server on that Redis. */
export const startNode = ({ url }: RedisServer, options: ServerOptions = {}): Promise<TestServer> =>
  startTestServer({
    redisUrl: url,
    secret: 'the one secret that all nodes share',
    // With a new store, the first joins would wait for earlier members to resume.
    rebuildMs: 0,
    ...options,
  })
