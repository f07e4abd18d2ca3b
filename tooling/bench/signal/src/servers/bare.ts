/**
 * The yardstick: the least that a relay over `ws` can do. It parses each message once, looks the
 * receiver up and forwards the bytes as they are; it checks, counts and remembers nothing.
 *
 * `rooms`: it also tells the others of a room who has come and gone. `heartbeats`: it also pings
 * everybody as often as ours does, a slice at a time. `bounded`: its space for young objects does not
 * grow, as that of ours.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { WebSocket, WebSocketServer } from 'ws'
import { listen } from './listen.ts'

const hasRooms = process.argv.includes('rooms')
const hasHeartbeats = process.argv.includes('heartbeats')
const isBounded = process.argv.includes('bounded')

class BareSocket extends WebSocket {
  id = ''
  room: Set<BareSocket> | null = null
}

const byId = new Map<string, BareSocket>()
const rooms = new Map<string, Set<BareSocket>>()

const onMessage = function (this: WebSocket, data: WebSocket.RawData): void {
  const message = JSON.parse(String(data))
  if (message.type === 'signal') byId.get(message.to)?.send(data, { binary: false })
  else if (message.type === 'join' && this instanceof BareSocket) {
    this.id = randomBytes(16).toString('base64url')
    byId.set(this.id, this)
    const members = hasRooms ? enter(this, message.room) : []
    this.send(JSON.stringify({ type: 'welcome', self: { id: this.id }, members }))
  }
}

const enter = (socket: BareSocket, name: string): readonly string[] => {
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room)
  tell(room, { type: 'peer-joined', id: socket.id })
  const members = [...room].map(({ id }) => id)
  room.add(socket)
  socket.room = room
  return members
}

/** Stringified once, not once a member. */
const tell = (room: ReadonlySet<BareSocket>, news: object): void => {
  const text = Buffer.from(JSON.stringify(news))
  for (const member of room) member.send(text, { binary: false })
}

const onClose = function (this: WebSocket): void {
  if (!(this instanceof BareSocket)) return
  byId.delete(this.id)
  if (hasHeartbeats) for (const slice of slices) slice.delete(this)
  this.room?.delete(this)
  if (this.room) tell(this.room, { type: 'peer-left', id: this.id })
}

/** As in ours: a round of 5 s in 100 slices, and a ping every fifth round. */
const sliceCount = 100
const roundMs = 5_000
const roundsPerPing = 5
const slices: readonly Set<BareSocket>[] = Array.from({ length: sliceCount }, () => new Set())
let turn = 0
let nextSlice = 0

const beat = (): void => {
  turn += 1
  if (Math.floor(turn / sliceCount) % roundsPerPing !== 0) return
  for (const socket of slices[turn % sliceCount] ?? []) socket.ping()
}
if (hasHeartbeats) setInterval(beat, roundMs / sliceCount)

const http = createServer()
const server = new WebSocketServer<typeof BareSocket>({
  server: http,
  maxPayload: 64 * 1024,
  perMessageDeflate: false,
  clientTracking: false,
  WebSocket: BareSocket,
})
server.on('connection', (socket) => {
  socket.on('message', onMessage)
  socket.on('close', onClose)
  if (!hasHeartbeats) return
  slices[nextSlice]?.add(socket)
  nextSlice = (nextSlice + 1) % sliceCount
})
listen(http)
if (isBounded) setFlagsFromString('--semi-space-growth-factor=1')
