import {
  type ClientMessage,
  type ErrorMessage,
  encode,
  type Millis,
  mayReconnect,
  type ServerPingMessage,
  type SkeinErrorCode,
  subprotocol,
  type WelcomeMessage,
} from '@skein/protocol'
import type { JoinOptions } from '../api.ts'
import { guarded } from '../base/emitter.ts'
import { SkeinError } from '../base/errors.ts'
import { backoffMs } from '../core/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { type Liveness, watchLiveness } from '../time/liveness.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import * as limits from './limits.ts'
import { createPacer, type Pacer } from './pacer.ts'
import { malformedFrame, readFrame, type ServerFrame } from './server-frame.ts'
import type { MemberInfo, SignalingClient, SignalingObserver } from './signaling.ts'

/** Why the server, or the application's token function, rejected a join. */
type Rejection = Pick<ErrorMessage, 'code' | 'message' | 'retryable' | 'retryAfterMs'>

export interface SignalingOptions extends MemberInfo {
  readonly url: string
  readonly room: string
  readonly token: Exclude<JoinOptions['token'], undefined> | null
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly random: () => number
  readonly observer: SignalingObserver
  /** Time limit for the first welcome. */
  readonly timeoutMs: Millis
}

/** Connects at once, and reconnects until `close()` or a final rejection. */
export const createSignalingClient = (options: SignalingOptions): SignalingClient =>
  new Client(options)

class Client implements SignalingClient {
  readonly #options: SignalingOptions
  readonly #pacer: Pacer
  readonly #retryTimer: RestartableTimer
  readonly #welcomeTimer: RestartableTimer
  #self: MemberInfo
  /** `#self` as the last join sent it. */
  #joinedAs: MemberInfo
  /** The socket in use, already welcomed. After `goaway` it stays until the next one is welcomed. */
  #socket: WebSocket | null = null
  /** The next socket, not welcomed yet. */
  #next: WebSocket | null = null
  /** Of the two sockets together. */
  #liveness: Liveness | null = null
  #isClosed = false
  #hasOpenLinks = false
  #wasWelcomed = false
  #resume: string | null = null
  #revision = 0
  /** Failed attempts in a row. */
  #failures = 0
  /** Why the last attempt failed, if the server gave a reason. */
  #lastError: SkeinError | null = null

  constructor(options: SignalingOptions) {
    const { presence, canHost, priority, clock } = options
    this.#options = options
    this.#self = this.#joinedAs = { presence, canHost, priority }
    this.#pacer = createPacer(clock, (message) => this.#send(message))
    this.#retryTimer = createTimer(clock)
    this.#welcomeTimer = createTimer(clock)
    this.#welcomeTimer(options.timeoutMs, () => {
      const code = this.#failures > 0 ? 'connect-failed' : 'timeout'
      this.#finish(this.#lastError ?? new SkeinError(code))
    })
    this.#connect()
  }

  get isOnline(): boolean {
    return this.#socket !== null
  }

  send(message: Parameters<SignalingClient['send']>[0]): boolean {
    if (message.type !== 'signal') return this.#send(message)
    if (!this.#isClosed) this.#pacer.add(message)
    return !this.#isClosed
  }

  setHasOpenLinks(hasOpenLinks: boolean): void {
    this.#hasOpenLinks = hasOpenLinks
  }

  update(change: Partial<MemberInfo>): void {
    // A deep copy, without `undefined`.
    this.#self = { ...this.#self, ...JSON.parse(JSON.stringify(change)) }
    this.#send({ ...this.#self, type: 'update' })
  }

  probe(): void {
    if (this.#socket) this.#liveness?.probe()
    else this.#connect()
  }

  close({ leave }: { readonly leave: boolean }): void {
    if (leave) this.#send({ type: 'leave' })
    this.#finish(null)
  }

  #connect(): void {
    this.#retryTimer()
    if (this.#isClosed || this.#next) return
    const { url, WebSocket, clock } = this.#options
    try {
      const socket = new WebSocket(url, subprotocol)
      this.#next = socket
      socket.onopen = () => void this.#join(socket)
      socket.onmessage = ({ data }) => this.#onMessage(socket, data)
      socket.onclose = (event) => this.#lost(socket, event)
      // `close` follows with the details; without a listener `ws` throws.
      socket.onerror = () => {}
      this.#liveness?.stop()
      this.#liveness = watchLiveness({
        ...limits.liveness,
        clock,
        // Nothing is sent before the welcome: the server does not expect a ping there.
        ping: () => this.#send({ type: 'ping', id: 0 }),
        silent: () => this.#lost(this.#socket ?? socket),
      })
    } catch (cause) {
      this.#finish(new SkeinError('bad-argument', { message: 'Invalid url.', cause }))
    }
  }

  /** Sends at once; `false` if the socket is not open. */
  #send(message: ClientMessage, socket = this.#socket): boolean {
    const isOpen = socket?.readyState === 1
    if (isOpen) socket?.send(encode(message))
    return isOpen
  }

  async #join(socket: WebSocket): Promise<void> {
    const { token, room } = this.#options
    try {
      const credentials = {
        token: typeof token === 'function' ? await token() : token,
        resume: this.#resume,
      }
      if (socket !== this.#next) return
      this.#joinedAs = this.#self
      this.#send({ ...this.#self, ...credentials, type: 'join', v: 1, room }, socket)
    } catch (cause) {
      this.#rejected(
        socket,
        {
          code: 'unauthorized',
          message: 'Could not get a token.',
          // A peer that was welcomed once may get a token later.
          retryable: this.#wasWelcomed,
          retryAfterMs: 0,
        },
        cause,
      )
    }
  }

  #onMessage(socket: WebSocket, data: unknown): void {
    if (socket !== this.#next && socket !== this.#socket) return
    this.#liveness?.onTraffic()
    const frame = readFrame(data)
    if (frame) guarded(() => this.#onFrame(socket, frame))
    if (frame === malformedFrame) this.#lost(socket)
  }

  #onFrame(socket: WebSocket, frame: ServerFrame): void {
    if (frame.type === 'welcome') this.#welcomed(socket, frame)
    else if (frame.type === 'ping') this.#send({ type: 'pong', id: frame.id }, socket)
    else if (socket === this.#socket) this.#received(socket, frame)
    else if (frame.type === 'error') this.#rejected(socket, frame)
  }

  #received(
    socket: WebSocket,
    frame: Exclude<ServerFrame, WelcomeMessage | ServerPingMessage>,
  ): void {
    const { observer, random } = this.#options
    if (frame.type === 'resume') this.#resume = frame.resume
    else if (frame.type === 'goaway') this.#retryAfter(random() * frame.reconnectWithinMs)
    else if (!('revision' in frame) || frame.revision === this.#revision + 1) {
      if ('revision' in frame) this.#revision += 1
      else if (frame.type === 'error') this.#pacer.pause(frame.retryAfterMs ?? 0)
      observer.received(frame)
      // After a gap in revisions only a new socket gets the full state.
    } else if (frame.revision > this.#revision) this.#lost(socket)
  }

  #welcomed(socket: WebSocket, welcome: WelcomeMessage): void {
    const { observer } = this.#options
    const wasOnline = this.isOnline
    if (socket === this.#next) {
      this.#socket?.close()
      this.#next = null
      this.#retryTimer()
    }
    this.#socket = socket
    this.#welcomeTimer()
    this.#failures = 0
    this.#lastError = null
    this.#resume = welcome.resume
    this.#revision = welcome.revision
    // Queued signals belong to links of the previous id.
    if (this.#wasWelcomed && !welcome.resumed) this.#pacer.clear()
    this.#wasWelcomed = true
    if (this.#self !== this.#joinedAs) this.update({})
    observer.welcomed(welcome)
    if (!wasOnline && this.isOnline) observer.onlineChanged(true)
    this.#pacer.open(welcome.limits)
  }

  /** The join failed. */
  #rejected(socket: WebSocket, rejection: Rejection, cause?: unknown): void {
    const { code, message, retryable, retryAfterMs } = rejection
    if (code === 'resume-rejected') {
      this.#resume = null
      void this.#join(socket)
      return
    }
    this.#lastError = new SkeinError(code, { message, cause })
    // A full room ends a first join; a member that comes back waits for a place.
    const isFinal = !retryable || (!this.#wasWelcomed && code === 'room-full')
    if (isFinal) this.#finish(this.#lastError)
    else this.#lost(socket, abnormalClose, retryAfterMs ?? 0)
  }

  /** Gives up the socket, and reconnects if the close code allows it. */
  #lost(socket: WebSocket, close: CloseReport = abnormalClose, retryAfterMs: Millis = 0): void {
    socket.close()
    const { observer, random } = this.#options
    if (socket === this.#next) this.#next = null
    else if (socket === this.#socket) {
      this.#socket = null
      observer.onlineChanged(false)
    } else return
    // With a next socket this was the old one, which the server closed as superseded.
    if (this.#isClosed || this.#next) return
    if (!this.#socket) this.#liveness?.stop()
    const failures = this.#failures++
    const hasOpenLinks = this.#hasOpenLinks
    const backoff = backoffMs({ failures, hasOpenLinks, chance: random() })
    if (mayReconnect(close.code)) this.#retryAfter(retryAfterMs + backoff)
    else this.#finish(this.#lastError ?? closeError(close))
  }

  #retryAfter(delayMs: Millis): void {
    this.#retryTimer(delayMs, () => this.#connect())
  }

  #finish(error: SkeinError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#retryTimer()
    this.#welcomeTimer()
    this.#pacer.clear()
    this.#liveness?.stop()
    this.#next?.close()
    this.#socket?.close()
    this.#next = this.#socket = null
    queueMicrotask(() => this.#options.observer.closed(error))
  }
}

type CloseReport = Pick<CloseEvent, 'code' | 'reason'>
/** What the platform reports for a connection that broke. */
const abnormalClose: CloseReport = { code: 1006, reason: '' }

/** For a close without an `error` message before it. A reason given with a kick takes precedence. */
const closeError = ({ code: closeCode, reason }: CloseReport): SkeinError => {
  const otherwise = `The server closed with code ${closeCode}.`
  const [code, message = otherwise] = closeErrors[closeCode - 4500] ?? ['connect-failed']
  return new SkeinError(code, { message: reason || message })
}

/** By close code, from 4500. */
const closeErrors: readonly (readonly [code: SkeinErrorCode, message?: string])[] = [
  ['bad-message'],
  ['unauthorized'],
  ['closed', 'A newer connection took over.'],
  ['closed', 'The server removed this peer.'],
  ['rate-limited'],
]
