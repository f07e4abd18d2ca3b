import { afterAll, beforeAll, describe } from 'vitest'
import { type GivenRedis, isRedisGiven, openRedis } from '../../testing/given-redis.ts'
import { needs } from '../../testing/needs.ts'
import { openTestBackbone } from '../../testing/redis-backbones.ts'
import { describeStore } from './store.conformance.ts'

if (isRedisGiven || needs('redis-server')) {
  describe('redis store', () => {
    let redis: GivenRedis
    beforeAll(async () => {
      redis = await openRedis()
    })
    afterAll(() => redis.stop())
    describeStore({
      create: async () => {
        const { store, nodes } = await openTestBackbone(redis, { isFresh: true })
        return { store, node: nodes.self }
      },
    })
  })
}
