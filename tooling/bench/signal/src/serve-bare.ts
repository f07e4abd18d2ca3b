/**
 * The yardstick: the least that a relay over `ws` can do. It parses each message once, looks the
 * receiver up and forwards the bytes as they are; it checks, counts and remembers nothing.
 */
import { randomBytes } from 'node:crypto'
import { WebSocket, WebSocketServer } from 'ws'
import { report } from './report.ts'

class BareSocket extends WebSocket {
  id = ''
}

const byId = new Map<string, BareSocket>()

const onMessage = function (this: WebSocket, data: WebSocket.RawData): void {
  const message = JSON.parse(String(data))
  if (message.type === 'signal') byId.get(message.to)?.send(data, { binary: false })
  else if (message.type === 'join' && this instanceof BareSocket) {
    this.id = randomBytes(16).toString('base64url')
    byId.set(this.id, this)
    this.send(JSON.stringify({ type: 'welcome', self: { id: this.id } }))
  }
}

const onClose = function (this: WebSocket): void {
  if (this instanceof BareSocket) byId.delete(this.id)
}

const server = new WebSocketServer<typeof BareSocket>({
  port: 0,
  host: '127.0.0.1',
  backlog: 4_096,
  maxPayload: 64 * 1024,
  perMessageDeflate: false,
  clientTracking: false,
  WebSocket: BareSocket,
})
server.on('connection', (socket) => {
  socket.on('message', onMessage)
  socket.on('close', onClose)
})
server.on('listening', () => {
  const address = server.address()
  report(typeof address === 'object' && address !== null ? address.port : 0)
})
