import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { needs } from './needs.ts'
import { startRedis } from './redis-server.ts'

if (needs('redis-server')) {
  test('a Redis server of a test answers, and is gone when it is stopped', async () => {
    const redis = await startRedis()
    expect(await ask(redis.port)).toBe('+PONG\r\n')
    await redis.stop()
    await expect(ask(redis.port)).rejects.toThrow('ECONNREFUSED')
  })

  test('a Redis server that cannot start says why', async () => {
    await expect(startRedis({ args: ['--no-such-word', '1'] })).rejects.toThrow('no-such-word')
  })
}

const ask = async (port: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('PING\r\n')
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}
