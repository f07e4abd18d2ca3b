import { once } from 'node:events'
import { connect } from 'node:net'
import type { RedisServer } from './redis-server.ts'

/** Sends one command on a new connection; resolves to the raw RESP reply. */
export const redisCommand = async (
  { port }: Pick<RedisServer, 'port'>,
  command: readonly string[],
): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const parts = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  socket.write(`*${command.length}\r\n${parts.join('')}`)
  const [reply] = await once(socket, 'data')
  socket.destroy()
  return String(reply)
}
