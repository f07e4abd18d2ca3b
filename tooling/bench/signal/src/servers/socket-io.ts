/** A relay over socket.io, as its documentation shows: rooms, and private messages by `io.to`. */
import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import { listen } from './listen.ts'

const [redisUrl] = process.argv.slice(2)

const http = createServer()
const io = new Server(http, { serveClient: false })
if (redisUrl !== undefined) io.adapter(await redisAdapter(redisUrl))

io.on('connection', (socket) => {
  socket.on('join', async (room: string) => {
    await socket.join(room)
    socket.emit('welcome', socket.id)
    socket.to(room).emit('peer-joined', socket.id)
  })
  socket.on('signal', (to: string, data: unknown) => {
    io.to(to).emit('signal', socket.id, data)
  })
  socket.on('disconnecting', () => {
    for (const room of socket.rooms) socket.to(room).emit('peer-left', socket.id)
  })
})
// From "Memory usage" in its documentation: the first request need not be kept.
io.engine.on('connection', (connection) => {
  connection.request = null
})
listen(http)

async function redisAdapter(url: string) {
  const publisher = createClient({ url })
  const subscriber = publisher.duplicate()
  await Promise.all([publisher.connect(), subscriber.connect()])
  return createAdapter(publisher, subscriber)
}
