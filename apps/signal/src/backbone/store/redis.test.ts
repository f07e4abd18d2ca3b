import { afterAll, beforeAll, describe } from 'vitest'
import { hasExternalRedis, openRedis, type TestRedis } from '../../testing/external-redis.ts'
import { needs } from '../../testing/needs.ts'
import { openTestBackbone } from '../../testing/redis-backbones.ts'
import { conformancePolicy, describeStore } from './store.conformance.ts'

if (hasExternalRedis || needs('redis-server')) {
  describe('redis store', () => {
    let redis: TestRedis
    beforeAll(async () => {
      redis = await openRedis()
    })
    afterAll(() => redis.stop())
    describeStore({
      create: async () => {
        const { store, nodes } = await openTestBackbone(redis, {
          isFresh: true,
          policy: conformancePolicy,
        })
        return { store, node: nodes.self }
      },
    })
  })
}
