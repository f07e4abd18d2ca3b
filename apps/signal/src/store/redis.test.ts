import { afterAll, beforeAll, describe } from 'vitest'
import { needs } from '../testing/needs.ts'
import { openTestBackbone } from '../testing/redis-backbones.ts'
import { type RedisServer, startRedis } from '../testing/redis-server.ts'
import { describeStore } from './store.conformance.ts'

if (needs('redis-server')) {
  describe('redis store', () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await startRedis()
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
