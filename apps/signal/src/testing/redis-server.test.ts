import { expect, test } from 'vitest'
import { askRedis } from './ask-redis.ts'
import { needs } from './needs.ts'
import { startRedis } from './redis-server.ts'

if (needs('redis-server')) {
  test('a Redis server of a test answers, and is gone when it is stopped', async () => {
    const redis = await startRedis()
    expect(await askRedis(redis, ['PING'])).toBe('+PONG\r\n')
    await redis.stop()
    await expect(askRedis(redis, ['PING'])).rejects.toThrow('ECONNREFUSED')
  })

  test('a Redis server that cannot start says why', async () => {
    await expect(startRedis({ args: ['--no-such-word', '1'] })).rejects.toThrow('no-such-word')
  })
}
