/**
 * The baseline: the minimal relay over `ws`. It parses each message once, looks up the receiver and
 * forwards the bytes unchanged; it validates, counts and stores nothing.
 *
 * `rooms`: also notifies the members of a room of joins and leaves. `heartbeats`: also pings every
 * connection as often as Skein does, one slice at a time. `bounded`: caps V8's young generation, as
 * Skein does.
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
  broadcast(room, { type: 'peer-joined', id: socket.id })
  const members = [...room].map(({ id }) => id)
  room.add(socket)
  socket.room = room
  return members
}

/** Stringified once, not once per member. */
const broadcast = (room: ReadonlySet<BareSocket>, message: object): void => {
  const text = Buffer.from(JSON.stringify(message))
  for (const member of room) member.send(text, { binary: false })
}

const onClose = function (this: WebSocket): void {
  if (!(this instanceof BareSocket)) return
  byId.delete(this.id)
  if (hasHeartbeats) for (const slice of slices) slice.delete(this)
  this.room?.delete(this)
  if (this.room) broadcast(this.room, { type: 'peer-left', id: this.id })
}

/** As in Skein: rounds of 5 s in 100 slices, and a ping every fifth round. */
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
