import type { RoomPolicy } from '@skein/protocol/room'
import pino from 'pino'
import { expect, onTestFinished } from 'vitest'
import type { Backbone } from '../backbone/backbone.ts'
import { redisBackbone } from '../backbone/redis-backbone.ts'
import { roomPolicy } from '../settings/room-policy.ts'
import { defaultSettings } from '../settings/settings.ts'
import { defaultTuning } from '../settings/tuning.ts'
import { redisCommand } from './redis-command.ts'
import type { RedisServer } from './redis-server.ts'

export interface TestBackboneOptions {
  /** Whether the store is emptied first. */
  readonly isFresh?: boolean
  readonly policy?: RoomPolicy
}

const defaultPolicy = roomPolicy(defaultSettings(), defaultTuning)

/** Connects a node to a Redis server; closed when the test finishes. */
export const openTestBackbone = async (
  redis: Pick<RedisServer, 'port' | 'url'>,
  { isFresh = false, policy = defaultPolicy }: TestBackboneOptions = {},
): Promise<Backbone> => {
  if (isFresh) await redisCommand(redis, ['FLUSHALL'])
  const backbone = redisBackbone({
    url: redis.url,
    log: pino({ level: 'silent' }),
    leaseMs: 15_000,
    maintenanceMs: 3_000,
    commandTimeoutMs: 2_000,
    roomTtlMs: 3_600_000,
    policy,
  })
  onTestFinished(async () => {
    await Promise.all([backbone.store.close(), backbone.bus.close(), backbone.nodes.close()])
  })
  await backbone.opened
  // On a busy machine the backbone may open before the store responds.
  const isReachable = (): Promise<unknown> =>
    backbone.store.probe().then(
      () => true,
      () => false,
    )
  await expect.poll(isReachable, { timeout: 20_000 }).toBe(true)
  return backbone
}
