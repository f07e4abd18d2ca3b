import { type RedisServer, startRedis } from './redis-server.ts'

/** What the conformance tests need of a server: it may be one that others started. */
export type GivenRedis = Pick<RedisServer, 'port' | 'url' | 'stop'>

const url = process.env.SKEIN_TEST_REDIS_URL || null

/** Whether SKEIN_TEST_REDIS_URL names a server: the same tests run against Redis 8 or Valkey. */
export const isRedisGiven: boolean = url !== null

/** The given server, else one of the test's own. What a given one holds is lost. */
export const openRedis = async (): Promise<GivenRedis> =>
  url === null
    ? startRedis()
    : { port: Number(new URL(url).port), url, stop: async (): Promise<void> => {} }
