import pino from 'pino'
import { expect, onTestFinished } from 'vitest'
import type { Backbone } from '../backbone/backbone.ts'
import { redisBackbone } from '../backbone/redis-backbone.ts'
import { askRedis } from './ask-redis.ts'
import type { RedisServer } from './redis-server.ts'

/** A node on a Redis of a test's own; it ends with the test. */
export const openTestBackbone = async (
  redis: Pick<RedisServer, 'port' | 'url'>,
  { isFresh = false }: { readonly isFresh?: boolean } = {},
): Promise<Backbone> => {
  if (isFresh) await askRedis(redis, ['FLUSHALL'])
  const backbone = redisBackbone({
    url: redis.url,
    log: pino({ level: 'silent' }),
    leaseMs: 15_000,
    beatMs: 3_000,
    deadlineMs: 2_000,
    keepMs: 3_600_000,
  })
  onTestFinished(async () => {
    await Promise.all([backbone.store.close(), backbone.bus.close(), backbone.nodes.close()])
  })
  await backbone.opened
  // On a busy machine it may be opened before the store has said a word.
  const isHeard = (): Promise<unknown> =>
    backbone.store.probe().then(
      () => true,
      () => false,
    )
  await expect.poll(isHeard, { timeout: 20_000 }).toBe(true)
  return backbone
}
