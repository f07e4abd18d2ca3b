import { type ClientMessage, encode, subprotocol } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { guarded } from '../emitter.ts'
import { watchLiveness } from '../liveness.ts'
import * as limits from './limits.ts'
import { malformedFrame, readFrame, type ServerFrame } from './server-frame.ts'

export interface SocketOptions {
  readonly url: string
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly opened: () => void
  /** `malformedFrame`, and then `closed`, when the server speaks nonsense. */
  readonly received: (frame: ServerFrame) => void
  /** Time to ask the server for a sign of life. */
  readonly ping: () => void
  /** It is of no use any more, for any reason; may be told more than once, and after `close()`. */
  readonly closed: (code: number) => void
}

/** One WebSocket that speaks the protocol, and notices when the other side is gone. */
export interface Socket {
  /** `false` when it is not open. */
  readonly send: (message: ClientMessage) => boolean
  /** Asks for a sign of life now. */
  readonly probe: () => void
  readonly close: () => void
}

/** @throws SyntaxError when the url is none of a WebSocket. */
export const openSocket = (options: SocketOptions): Socket => {
  const socket = new options.WebSocket(options.url, subprotocol)
  const lost = () => options.closed(1006)
  const liveness = watchLiveness({ ...options, ...limits.life, silent: lost })
  socket.onopen = options.opened
  socket.onmessage = ({ data }) => {
    liveness.heard()
    const frame = readFrame(data)
    if (frame) guarded(() => options.received(frame))
    if (frame === malformedFrame) lost()
  }
  socket.onclose = ({ code }) => options.closed(code)
  // `close` follows and says it all; without a listener `ws` throws.
  socket.onerror = () => {}
  return {
    send: (message) => {
      const isOpen = socket.readyState === 1
      if (isOpen) socket.send(encode(message))
      return isOpen
    },
    probe: liveness.probe,
    close: () => {
      liveness.stop()
      socket.close()
    },
  }
}
