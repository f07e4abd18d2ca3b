import { expect, test } from 'vitest'
import { needs } from './needs.ts'
import { redisCommand } from './redis-command.ts'
import { startRedis } from './redis-server.ts'

if (needs('redis-server')) {
  test('a test Redis server responds, and refuses connections once stopped', async () => {
    const redis = await startRedis()
    expect(await redisCommand(redis, ['PING'])).toBe('+PONG\r\n')
    await redis.stop()
    await expect(redisCommand(redis, ['PING'])).rejects.toThrow('ECONNREFUSED')
  })

  test('a Redis server that cannot start reports the reason', async () => {
    await expect(startRedis({ args: ['--no-such-word', '1'] })).rejects.toThrow('no-such-word')
  })
}
