import {
  type ClientMessage,
  encode,
  type Millis,
  type ServerMessage,
  subprotocol,
} from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { guarded } from '../emitter.ts'
import { isObject, parseObject } from '../json.ts'
import * as limits from './limits.ts'

export interface SocketOptions {
  readonly url: string
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly opened: () => void
  readonly received: (message: ServerMessage) => void
  /** Once, and nothing after it; not after `close()`. */
  readonly closed: (code: number) => void
}

/** One WebSocket that speaks the protocol, and notices when the other side is gone. */
export interface Socket {
  readonly send: (message: ClientMessage) => void
  /** Asks for a sign of life now. */
  readonly probe: () => void
  readonly close: () => void
}

/** @throws SyntaxError when the url is none of a WebSocket. */
export const openSocket = ({ clock, ...options }: SocketOptions): Socket => {
  const socket = new options.WebSocket(options.url, subprotocol)
  let pings = 0
  let isOver = false
  let cancel = () => {}

  const send = (message: ClientMessage) => {
    if (socket.readyState === 1) socket.send(encode(message))
  }
  const end = (code: number) => {
    if (isOver) return
    close()
    options.closed(code)
  }
  const close = () => {
    isOver = true
    cancel()
    socket.close()
  }
  const wait = (delayMs: Millis, task: () => void) => {
    cancel()
    cancel = clock.after(delayMs, task)
  }
  const probe = () => {
    pings += 1
    send({ type: 'ping', id: pings })
    const due = clock.now() + limits.pongMs
    // After a sleep the timer comes before the answer that waits behind it: ask once more.
    wait(limits.pongMs, () => (clock.now() - due > 1_000 ? probe() : end(1006)))
  }
  wait(limits.handshakeMs, () => end(1006))
  socket.onopen = () => isOver || options.opened()
  socket.onmessage = ({ data }) => {
    if (isOver) return
    // A sign of life, whatever it says.
    wait(limits.pingAfterMs, probe)
    const message = parseObject(data)
    if (isMessage(message)) guarded(() => options.received(message))
  }
  socket.onclose = ({ code }) => end(code)
  // `close` follows and says it all; without a listener `ws` throws.
  socket.onerror = () => {}
  return { send, probe, close }
}

/**
 * The server is believed: it has checked what peers say, and its own words decide everything here
 * anyway. Checking each field of them as `decodeServer` does would cost every page a kilobyte. What
 * a broken server makes of that is reported and dropped, message by message.
 */
const isMessage = (message: unknown): message is ServerMessage =>
  isObject(message) && typeof message.type === 'string'
