import { once } from 'node:events'
import { connect } from 'node:net'
import type { RedisServer } from './redis-server.ts'

/** One command on a connection of its own; the answer as it comes. */
export const askRedis = async (
  { port }: Pick<RedisServer, 'port'>,
  words: readonly string[],
): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  socket.write(`*${words.length}\r\n${parts.join('')}`)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}
