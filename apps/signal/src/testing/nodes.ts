import { expect, onTestFinished } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { startTestServer, type TestServer } from './servers.ts'

/** Servers that share a Redis of the test's own. */
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
  if (one === undefined || two === undefined) throw new Error('Two were started.')
  await Promise.all([one, two, ...more, ...others].map(isReady))
  return { redis, nodes: [one, two, ...more, ...others] }
}

/** On a busy machine a server may start before its store has said a word. */
const isReady = async ({ httpUrl }: TestServer): Promise<void> => {
  const status = async (): Promise<number> => (await fetch(`${httpUrl}/readyz`)).status
  await expect.poll(status, { timeout: 20_000 }).toBe(200)
}

/** One more that shares it. */
export const startNode = ({ url }: RedisServer, options: ServerOptions = {}): Promise<TestServer> =>
  startTestServer({
    redisUrl: url,
    secret: 'of all nodes',
    // A store that was just born would let the first joins wait for members of before.
    rebuildMs: 0,
    ...options,
  })
