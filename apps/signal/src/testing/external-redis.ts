import { type RedisServer, startRedis } from './redis-server.ts'

/** The part of a Redis server that the conformance tests use; the server may be an external one. */
export type TestRedis = Pick<RedisServer, 'port' | 'url' | 'stop'>

const url = process.env.SKEIN_TEST_REDIS_URL || null

/** Whether `SKEIN_TEST_REDIS_URL` is set, to run the same tests against Redis 8 or Valkey. */
export const hasExternalRedis: boolean = url !== null

/** Returns the external server, or starts one. The tests delete all its data. */
export const openRedis = async (): Promise<TestRedis> =>
  url === null
    ? startRedis()
    : { port: Number(new URL(url).port), url, stop: async (): Promise<void> => {} }
