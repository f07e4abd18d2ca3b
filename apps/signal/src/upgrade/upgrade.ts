import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { encode, errorMessage, socketPath, subprotocol } from '@skein/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RejectionReason } from '../telemetry/metrics.ts'
import { HeldSocket } from '../wire/held-socket.ts'
import type { Arrival } from './admission.ts'
import type { Rejection } from './rejections.ts'

export interface UpgradeOptions {
  readonly maxFrameBytes: number
  readonly closeMs: number
  /** Takes a socket in (`null`), or says why not. */
  readonly admit: (arrival: Arrival) => Rejection | null
  readonly rejected: (reason: RejectionReason) => void
}

/**
 * Handles the `upgrade` event: what is no proper upgrade is answered in HTTP and destroyed; what
 * policy refuses completes the handshake to hear why, for a page sees nothing of an HTTP status.
 */
export const upgradeHandler = (
  options: UpgradeOptions,
): ((request: IncomingMessage, stream: Duplex, head: Buffer) => void) => {
  const server = new WebSocketServer<typeof HeldSocket>(webSocketOptions(options))
  return (request, stream, head) => {
    stream.on('error', ignore)
    const fault = faultOf(request)
    if (fault !== null) {
      options.rejected('upgrade')
      return answer(stream, fault)
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      stream.removeListener('error', ignore)
      const rejection = options.admit({ socket, stream, request })
      if (rejection === null) return
      options.rejected(rejection.reason)
      refuse(socket, rejection)
    })
  }
}

const webSocketOptions = ({ maxFrameBytes, closeMs }: UpgradeOptions) => ({
  WebSocket: HeldSocket,
  noServer: true,
  clientTracking: false,
  // A deflate context costs about 230 KB for each connection.
  perMessageDeflate: false,
  // The guard has seen that it is among those offered, not that it is the first.
  handleProtocols: () => subprotocol,
  // Pings are counted like any other frame.
  autoPong: false,
  maxPayload: maxFrameBytes,
  // Clients send a frame as one fragment, a browser at most as a few.
  maxFragments: 64,
  // A full frame over a slow line comes in about 50 pieces.
  maxBufferedChunks: 1_024,
  closeTimeout: closeMs,
})

interface Fault {
  readonly status: string
  readonly reason: string
  readonly headers?: string
}

const faultOf = (request: IncomingMessage): Fault | null => {
  const { headers, httpVersion, method, url = '' } = request
  // Compared as sent: a URL parser reads "//evil/ws" as the path "/ws" of another host.
  if (url.split('?', 1)[0] !== socketPath) return notFound
  if (headers.upgrade?.toLowerCase() !== 'websocket') return noWebSocket
  if (method !== 'GET') return badMethod
  if (httpVersion === '1.0') return badRequest('A WebSocket needs HTTP/1.1.')
  if (headers['sec-websocket-version'] !== '13') return badVersion
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')) {
    return badRequest('The Sec-WebSocket-Key is missing or invalid.')
  }
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  return offered.includes(subprotocol)
    ? null
    : badRequest(`The subprotocol must be ${subprotocol}.`)
}

const notFound: Fault = { status: '404 Not Found', reason: `The WebSocket is at ${socketPath}.` }
const badMethod: Fault = {
  status: '405 Method Not Allowed',
  reason: 'A WebSocket starts with GET.',
  headers: 'Allow: GET\r\n',
}
const noWebSocket: Fault = {
  status: '426 Upgrade Required',
  reason: 'Only WebSocket is spoken here.',
  headers: 'Upgrade: websocket\r\n',
}
const badVersion: Fault = {
  status: '426 Upgrade Required',
  reason: 'The Sec-WebSocket-Version must be 13.',
  headers: 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
}
const badRequest = (reason: string): Fault => ({ status: '400 Bad Request', reason })

const answer = (stream: Duplex, { status, reason, headers = '' }: Fault): void => {
  const body = `${reason}\n`
  stream.end(
    `HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    // Whoever does not hang up keeps the socket otherwise.
    () => stream.destroy(),
  )
}

const refuse = (socket: WebSocket, { error, closeCode }: Rejection): void => {
  socket.on('error', ignore)
  socket.send(encode(errorMessage(error)))
  socket.close(closeCode)
}

const ignore = (): void => {}
