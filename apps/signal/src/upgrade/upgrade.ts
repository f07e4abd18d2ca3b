import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { encode, errorMessage, socketPath, subprotocol } from '@skein/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RejectionReason } from '../telemetry/metrics.ts'
import { HandledSocket } from '../wire/handled-socket.ts'
import type { AcceptedSocket } from './admission.ts'
import type { Rejection } from './rejections.ts'

export interface UpgradeOptions {
  readonly maxFrameBytes: number
  readonly closeMs: number
  /** Turns the socket into a connection and returns `null`, or returns why it is rejected. */
  readonly admit: (accepted: AcceptedSocket) => Rejection | null
  readonly rejected: (reason: RejectionReason) => void
}

/**
 * Handles the `upgrade` event. An invalid upgrade request gets an HTTP error and its socket is
 * destroyed. A client that is rejected by policy completes the handshake first, to receive an error
 * message and a close code: a page cannot read the HTTP status of a failed handshake.
 */
export const upgradeHandler = (
  options: UpgradeOptions,
): ((request: IncomingMessage, stream: Duplex, head: Buffer) => void) => {
  const server = new WebSocketServer<typeof HandledSocket>(webSocketOptions(options))
  return (request, stream, head) => {
    stream.on('error', ignore)
    const failure = invalidUpgrade(request)
    if (failure !== null) {
      options.rejected('upgrade')
      return respond(stream, failure)
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      stream.removeListener('error', ignore)
      const rejection = options.admit({ socket, stream, request })
      if (rejection === null) return
      options.rejected(rejection.reason)
      reject(socket, rejection)
    })
  }
}

const webSocketOptions = ({ maxFrameBytes, closeMs }: UpgradeOptions) => ({
  WebSocket: HandledSocket,
  noServer: true,
  clientTracking: false,
  // A deflate context takes about 230 KB per connection.
  perMessageDeflate: false,
  // `invalidUpgrade` ensures that the client offers it, though not necessarily first.
  handleProtocols: () => subprotocol,
  // The connection rate-limits pings and sends the pongs itself.
  autoPong: false,
  maxPayload: maxFrameBytes,
  // Clients normally send one fragment, browsers at most a few.
  maxFragments: 64,
  // A frame of the maximum size arrives in about 50 chunks over a slow connection.
  maxBufferedChunks: 1_024,
  closeTimeout: closeMs,
})

interface HttpFailure {
  readonly status: string
  readonly reason: string
  readonly headers?: string
}

/** A proxy or a configured URL may add the slash, and a page cannot read why a handshake failed. */
const socketPaths: readonly (string | undefined)[] = [socketPath, `${socketPath}/`]

const invalidUpgrade = (request: IncomingMessage): HttpFailure | null => {
  const { headers, httpVersion, method, url = '' } = request
  // Compared as sent: a URL parser reads "//evil/ws" as the path "/ws" of another host.
  if (!socketPaths.includes(url.split('?', 1)[0])) return notFound
  if (headers.upgrade?.toLowerCase() !== 'websocket') return noWebSocket
  if (method !== 'GET') return badMethod
  if (httpVersion === '1.0') return badRequest('A WebSocket handshake requires HTTP/1.1.')
  if (headers['sec-websocket-version'] !== '13') return badVersion
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    return badRequest('The Sec-WebSocket-Key is missing or invalid.')
  }
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  return offered.includes(subprotocol)
    ? null
    : badRequest(`The subprotocol must be ${subprotocol}.`)
}

const notFound: HttpFailure = {
  status: '404 Not Found',
  reason: `The WebSocket endpoint is ${socketPath}.`,
}
const badMethod: HttpFailure = {
  status: '405 Method Not Allowed',
  reason: 'A WebSocket handshake must use GET.',
  headers: 'Allow: GET\r\n',
}
const noWebSocket: HttpFailure = {
  status: '426 Upgrade Required',
  reason: 'This endpoint only accepts WebSocket connections.',
  headers: 'Upgrade: websocket\r\n',
}
const badVersion: HttpFailure = {
  status: '426 Upgrade Required',
  reason: 'The Sec-WebSocket-Version must be 13.',
  headers: 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
}
const badRequest = (reason: string): HttpFailure => ({ status: '400 Bad Request', reason })

const respond = (stream: Duplex, { status, reason, headers = '' }: HttpFailure): void => {
  const body = `${reason}\n`
  stream.end(
    `HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    // Otherwise a client that does not close would keep the socket open.
    () => stream.destroy(),
  )
}

const reject = (socket: WebSocket, { error, closeCode }: Rejection): void => {
  socket.on('error', ignore)
  socket.send(encode(errorMessage(error)))
  socket.close(closeCode)
}

const ignore = (): void => {}
