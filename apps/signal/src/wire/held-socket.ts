import { type RawData, WebSocket } from 'ws'

/** Who handles what comes by a socket. */
export interface SocketHolder {
  readonly receive: (bytes: Buffer, isBinary: boolean) => void
  readonly receivePing: (data: Buffer) => void
  readonly receivePong: () => void
  readonly gone: () => void
  /** Something of the above threw: a bug, which is nobody else's trouble. */
  readonly failed: (error: unknown) => void
}

/** A socket that knows its holder, so that all sockets share one set of listeners. */
export class HeldSocket extends WebSocket {
  holder: SocketHolder | null = null
}

/** From now on the holder hears what happens on the socket. */
export const hold = (socket: HeldSocket, holder: SocketHolder): void => {
  socket.holder = holder
  socket.on('message', onMessage)
  socket.on('ping', onPing)
  socket.on('pong', onPong)
  socket.on('close', onClose)
  // What is wrong shows in the close code; without a listener it would end the process.
  socket.on('error', onError)
}

/** Spelled out: a closure for each message shows in the profile. */
function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (!(this instanceof HeldSocket) || this.holder === null) return
  try {
    this.holder.receive(bufferOf(data), isBinary)
  } catch (error) {
    this.holder.failed(error)
  }
}

function onPing(this: WebSocket, data: Buffer): void {
  guarded(this, (holder) => holder.receivePing(data))
}

function onPong(this: WebSocket): void {
  guarded(this, (holder) => holder.receivePong())
}

function onClose(this: WebSocket): void {
  guarded(this, (holder) => holder.gone())
}

function onError(): void {}

const guarded = (socket: WebSocket, handle: (holder: SocketHolder) => void): void => {
  if (!(socket instanceof HeldSocket) || socket.holder === null) return
  try {
    handle(socket.holder)
  } catch (error) {
    socket.holder.failed(error)
  }
}

/** With the default `binaryType` it is a Buffer already. */
const bufferOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
