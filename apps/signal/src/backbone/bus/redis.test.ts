import { afterAll, beforeAll, describe } from 'vitest'
import { hasExternalRedis, openRedis, type TestRedis } from '../../testing/external-redis.ts'
import { needs } from '../../testing/needs.ts'
import { openTestBackbone } from '../../testing/redis-backbones.ts'
import { describeBus } from './bus.conformance.ts'

if (hasExternalRedis || needs('redis-server')) {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await openRedis()
  })
  afterAll(() => redis.stop())

  describe('redis bus, to itself', () => {
    describeBus({
      create: async () => {
        const { bus, nodes } = await openTestBackbone(redis)
        return { near: bus, far: bus, node: nodes.self }
      },
    })
  })

  describe('redis bus, to another node', () => {
    describeBus({
      create: async () => {
        const near = await openTestBackbone(redis)
        const far = await openTestBackbone(redis)
        return { near: near.bus, far: far.bus, node: far.nodes.self }
      },
    })
  })
}
