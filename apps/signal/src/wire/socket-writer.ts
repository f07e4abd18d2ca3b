import type { Duplex } from 'node:stream'
import {
  type ErrorMessage,
  type ErrorMessageOptions,
  encode,
  errorMessage,
  type ServerMessage,
} from '@skein/protocol'
import type { WebSocket } from 'ws'
import type { Metrics } from '../telemetry/metrics.ts'
import { pingFrame, textFrame } from './text-frame.ts'
import type { Outlet, WriteBatcher } from './write-batcher.ts'

export interface SocketWriterOptions {
  readonly socket: WebSocket
  /** The stream that the socket writes to. */
  readonly stream: Duplex
  readonly batcher: WriteBatcher
  readonly metrics: Metrics
  /** `cutOff` is called when too much is queued for the client. */
  readonly slow: { readonly cutOff: () => void }
}

/** The writing side of one connection. */
export class SocketWriter implements Outlet {
  readonly stream: Duplex
  readonly #socket: WebSocket
  readonly #batcher: WriteBatcher
  readonly #metrics: Metrics
  readonly #slow: SocketWriterOptions['slow']

  constructor({ socket, stream, batcher, metrics, slow }: SocketWriterOptions) {
    this.stream = stream
    this.#socket = socket
    this.#batcher = batcher
    this.#metrics = metrics
    this.#slow = slow
  }

  /** Writes a frame created by `textFrame`; false when the socket is not open. */
  sendFrame(frame: Buffer): boolean {
    if (this.#socket.readyState !== open) return false
    // Bypasses `ws`, which would add a buffer and a system call. Safe: `ws` writes whole frames only.
    this.#batcher.write(this, frame)
    return true
  }

  send(message: ServerMessage): void {
    this.sendFrame(textFrame(encode(message)))
  }

  sendError(options: ErrorMessageOptions): void {
    this.sendErrorMessage(errorMessage(options))
  }

  sendErrorMessage(message: ErrorMessage): void {
    this.#metrics.errorSent(message.code)
    this.send(message)
  }

  ping(): void {
    // Bypasses `ws`, which would create the same two bytes for each of 10,000 connections.
    if (this.#socket.readyState === open) this.stream.write(pingFrame)
  }

  pong(data: Buffer): void {
    this.#socket.pong(data)
  }

  /** Starts the closing handshake. */
  close(code: number, reason = ''): void {
    this.#metrics.closed(code)
    this.#socket.close(code, truncateReason(reason))
  }

  /** Destroys the socket without a closing handshake. */
  destroy(): void {
    this.#socket.terminate()
  }

  cutOff(): void {
    this.#slow.cutOff()
  }

  /** Called when the socket is closed. */
  closed(): void {
    this.#batcher.forget(this)
  }
}

/** Truncates a reason to fit a close frame, at a character boundary. */
const truncateReason = (reason: string): string =>
  new TextDecoder().decode(Buffer.from(reason).subarray(0, maxReasonBytes), { stream: true })
/** @see https://www.rfc-editor.org/rfc/rfc6455#section-5.5 */
const maxReasonBytes = 123

/** WebSocket.OPEN */
const open = 1
