import { type RawData, WebSocket } from 'ws'

/** Handles the events of a socket. */
export interface SocketHandler {
  readonly receive: (bytes: Buffer, isBinary: boolean) => void
  readonly receivePing: (data: Buffer) => void
  readonly receivePong: () => void
  readonly closed: () => void
  /** One of the methods above threw: a bug, which must not affect other connections. */
  readonly handlerFailed: (error: unknown) => void
}

/** A socket with a reference to its handler, so that all sockets share one set of listeners. */
export class HandledSocket extends WebSocket {
  handler: SocketHandler | null = null
}

/** Passes the events of the socket to the handler from now on. */
export const attachHandler = (socket: HandledSocket, handler: SocketHandler): void => {
  socket.handler = handler
  socket.on('message', onMessage)
  socket.on('ping', onPing)
  socket.on('pong', onPong)
  socket.on('close', onClose)
  // The close code reports the error; without a listener, it would end the process.
  socket.on('error', onError)
}

/** Without `guarded`: a closure for each message shows up in profiles. */
function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (!(this instanceof HandledSocket) || this.handler === null) return
  try {
    this.handler.receive(bufferOf(data), isBinary)
  } catch (error) {
    this.handler.handlerFailed(error)
  }
}

function onPing(this: WebSocket, data: Buffer): void {
  guarded(this, (handler) => handler.receivePing(data))
}

function onPong(this: WebSocket): void {
  guarded(this, (handler) => handler.receivePong())
}

function onClose(this: WebSocket): void {
  guarded(this, (handler) => handler.closed())
}

function onError(): void {}

const guarded = (socket: WebSocket, call: (handler: SocketHandler) => void): void => {
  if (!(socket instanceof HandledSocket) || socket.handler === null) return
  try {
    call(socket.handler)
  } catch (error) {
    socket.handler.handlerFailed(error)
  }
}

/** With the default `binaryType`, `data` is already a Buffer. */
const bufferOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
