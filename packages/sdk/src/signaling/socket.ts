import { type ClientMessage, encode, type Millis, subprotocol } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { guarded } from '../emitter.ts'
import * as limits from './limits.ts'
import { malformedFrame, readFrame, type ServerFrame } from './server-frame.ts'

export interface SocketOptions {
  readonly url: string
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly opened: () => void
  /** `malformedFrame`, and then `closed`, when the server speaks nonsense. */
  readonly received: (frame: ServerFrame) => void
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
    const frame = readFrame(data)
    if (frame) guarded(() => options.received(frame))
    if (frame === malformedFrame) end(1006)
  }
  socket.onclose = ({ code }) => end(code)
  // `close` follows and says it all; without a listener `ws` throws.
  socket.onerror = () => {}
  return { send, probe, close }
}
