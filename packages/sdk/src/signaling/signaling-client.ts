import {
  type ClientMessage,
  type ErrorMessage,
  encode,
  type Millis,
  mayReconnect,
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
import type { SignalingClient, SignalingObserver } from './signaling.ts'

type Refusal = Pick<ErrorMessage, 'code' | 'message' | 'retryable' | 'retryAfterMs'>
type Self = Pick<WelcomeMessage['self'], 'presence' | 'canHost' | 'priority'>

export interface SignalingOptions extends Self {
  readonly url: string
  readonly room: string
  readonly token: Exclude<JoinOptions['token'], undefined> | null
  readonly WebSocket: typeof WebSocket
  readonly clock: Clock
  readonly random: () => number
  readonly observer: SignalingObserver
  /** For the first welcome. */
  readonly timeoutMs: Millis
}

/** Connects at once, and again whenever the connection is lost, until `close()` or a refusal. */
export const createSignalingClient = (options: SignalingOptions): SignalingClient =>
  new Client(options)

class Client implements SignalingClient {
  readonly #options: SignalingOptions
  readonly #pacer: Pacer
  readonly #retryAlarm: RestartableTimer
  readonly #timeoutAlarm: RestartableTimer
  #self: Self
  /** What the last join said of me. */
  #joinedAs: Self
  /** Welcomed, and in use; one that `goaway` is about to replace keeps working until then. */
  #socket: WebSocket | null = null
  /** Not welcomed yet. */
  #next: WebSocket | null = null
  /** Of both sockets together. */
  #liveness: Liveness | null = null
  #isClosed = false
  #hasOpenLinks = false
  #wasWelcomed = false
  #resume: string | null = null
  #revision = 0
  #failures = 0
  /** Why the latest attempt failed, if the server said. */
  #lastError: SkeinError | null = null

  constructor(options: SignalingOptions) {
    const { presence, canHost, priority, clock } = options
    this.#options = options
    this.#self = this.#joinedAs = { presence, canHost, priority }
    this.#pacer = createPacer(clock, (message) => this.#say(this.#socket, message))
    this.#retryAlarm = createTimer(clock)
    this.#timeoutAlarm = createTimer(clock)
    this.#timeoutAlarm(options.timeoutMs, () => {
      const code = this.#failures > 0 ? 'connect-failed' : 'timeout'
      this.#finish(this.#lastError ?? new SkeinError(code))
    })
    this.#connect()
  }

  get isOnline(): boolean {
    return this.#socket !== null
  }

  send(message: Parameters<SignalingClient['send']>[0]): boolean {
    if (message.type !== 'signal') return this.#say(this.#socket, message)
    if (!this.#isClosed) this.#pacer.add(message)
    return !this.#isClosed
  }

  setHasOpenLinks(hasOpenLinks: boolean): void {
    this.#hasOpenLinks = hasOpenLinks
  }

  update(change: Partial<Self>): void {
    // A copy, without what is undefined.
    this.#self = { ...this.#self, ...JSON.parse(JSON.stringify(change)) }
    this.#say(this.#socket, { ...this.#self, type: 'update' })
  }

  probe(): void {
    if (this.#socket) this.#liveness?.probe()
    else this.#connect()
  }

  close({ leave }: { readonly leave: boolean }): void {
    if (leave) this.#say(this.#socket, { type: 'leave' })
    this.#finish(null)
  }

  #connect(): void {
    this.#retryAlarm()
    if (this.#isClosed || this.#next) return
    const { url, WebSocket, clock } = this.#options
    try {
      const socket = new WebSocket(url, subprotocol)
      this.#next = socket
      socket.onopen = () => void this.#join(socket)
      socket.onmessage = ({ data }) => this.#received(socket, data)
      socket.onclose = (event) => this.#lost(socket, event)
      // `close` follows and says it all; without a listener `ws` throws.
      socket.onerror = () => {}
      this.#liveness?.stop()
      this.#liveness = watchLiveness({
        ...limits.life,
        clock,
        // Before the welcome the server knows of no ping.
        ping: () => this.#say(this.#socket, { type: 'ping', id: 0 }),
        silent: () => this.#lost(this.#socket ?? socket),
      })
    } catch (cause) {
      this.#finish(new SkeinError('bad-argument', { message: 'url', cause }))
    }
  }

  /** `false` when the socket is not open. */
  #say(socket: WebSocket | null, message: ClientMessage): boolean {
    const isOpen = socket?.readyState === 1
    if (isOpen) socket?.send(encode(message))
    return isOpen
  }

  async #join(socket: WebSocket): Promise<void> {
    const { token, room } = this.#options
    try {
      const granted = typeof token === 'function' ? await token() : token
      if (socket !== this.#next) return
      this.#joinedAs = this.#self
      const credentials = { token: granted, resume: this.#resume }
      this.#say(socket, { ...this.#self, ...credentials, type: 'join', v: 1, room })
    } catch (cause) {
      const refusal = { code: 'unauthorized', message: 'No token was given.' } as const
      // Who was welcomed once may get a token at another time.
      this.#refused(socket, { ...refusal, retryable: this.#wasWelcomed, retryAfterMs: 0 }, cause)
    }
  }

  #received(socket: WebSocket, data: unknown): void {
    if (socket !== this.#next && socket !== this.#socket) return
    this.#liveness?.heard()
    const frame = readFrame(data)
    if (frame) guarded(() => this.#handle(socket, frame))
    if (frame === malformedFrame) this.#lost(socket)
  }

  #handle(socket: WebSocket, frame: ServerFrame): void {
    if (frame.type === 'welcome') this.#welcomed(socket, frame)
    else if (socket === this.#socket) this.#heard(socket, frame)
    else if (frame.type === 'error') this.#refused(socket, frame)
  }

  #heard(socket: WebSocket, frame: Exclude<ServerFrame, WelcomeMessage>): void {
    const { observer, random } = this.#options
    if (frame.type === 'resume') this.#resume = frame.resume
    else if (frame.type === 'goaway') this.#retry(random() * frame.reconnectWithinMs)
    else if (!('revision' in frame) || frame.revision === this.#revision + 1) {
      if ('revision' in frame) this.#revision += 1
      else if (frame.type === 'error') this.#pacer.pause(frame.retryAfterMs ?? 0)
      observer.received(frame)
      // A gap in revisions is healed by a welcome, which a new socket gets.
    } else if (frame.revision > this.#revision) this.#lost(socket)
  }

  #welcomed(socket: WebSocket, welcome: WelcomeMessage): void {
    const { observer } = this.#options
    const wasOnline = this.isOnline
    if (socket === this.#next) {
      this.#socket?.close()
      this.#next = null
      this.#retryAlarm()
    }
    this.#socket = socket
    this.#timeoutAlarm()
    this.#failures = 0
    this.#lastError = null
    this.#resume = welcome.resume
    this.#revision = welcome.revision
    // Under a new id, what was meant for the peers of the old one is stale.
    if (this.#wasWelcomed && !welcome.resumed) this.#pacer.clear()
    this.#wasWelcomed = true
    if (this.#self !== this.#joinedAs) this.update({})
    observer.welcomed(welcome)
    if (!wasOnline && this.isOnline) observer.onlineChanged(true)
    this.#pacer.open(welcome.limits)
  }

  /** An error in place of a welcome. */
  #refused(socket: WebSocket, refusal: Refusal, cause?: unknown): void {
    const { code, message, retryable, retryAfterMs } = refusal
    if (code === 'resume-rejected') {
      this.#resume = null
      void this.#join(socket)
      return
    }
    this.#lastError = new SkeinError(code, { message, cause })
    // A full room is for the first join to tell; a member that comes back waits for its place.
    const isFinal = !retryable || (!this.#wasWelcomed && code === 'room-full')
    if (isFinal) this.#finish(this.#lastError)
    else this.#lost(socket, unexplained, retryAfterMs ?? 0)
  }

  /** Gives the socket up, to come back by another where the code allows it. */
  #lost(socket: WebSocket, close: CloseReport = unexplained, retryAfterMs: Millis = 0): void {
    socket.close()
    const { observer, random } = this.#options
    if (socket === this.#next) this.#next = null
    else if (socket === this.#socket) {
      this.#socket = null
      observer.onlineChanged(false)
    } else return
    // The newer socket of the same member is what ended this one.
    if (this.#isClosed || this.#next) return
    if (!this.#socket) this.#liveness?.stop()
    const [failures, hasOpenLinks] = [this.#failures, this.#hasOpenLinks]
    this.#failures += 1
    const backoff = backoffMs({ failures, hasOpenLinks, chance: random() })
    if (mayReconnect(close.code)) this.#retry(retryAfterMs + backoff)
    else this.#finish(this.#lastError ?? closeError(close))
  }

  #retry(delayMs: Millis): void {
    this.#retryAlarm(delayMs, () => this.#connect())
  }

  #finish(error: SkeinError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#retryAlarm()
    this.#timeoutAlarm()
    this.#pacer.clear()
    this.#liveness?.stop()
    this.#next?.close()
    this.#socket?.close()
    this.#next = this.#socket = null
    queueMicrotask(() => this.#options.observer.closed(error))
  }
}

type CloseReport = Pick<CloseEvent, 'code' | 'reason'>
/** As the platform reports a connection that broke. */
const unexplained: CloseReport = { code: 1006, reason: '' }

type CloseReason = readonly [code: SkeinErrorCode, message?: string]

/** For a close that no `error` message explained; the words of who kicked are the best there are. */
const closeError = ({ code: closeCode, reason }: CloseReport): SkeinError => {
  const otherwise = `The server closed with ${closeCode}.`
  const [code, message = otherwise] = closeReasons[closeCode - 4500] ?? ['connect-failed']
  return new SkeinError(code, { message: reason || message })
}

/** From 4500 on. */
const closeReasons: readonly CloseReason[] = [
  ['bad-message'],
  ['unauthorized'],
  ['closed', 'A newer connection took over.'],
  ['closed', 'The server removed this peer.'],
  ['rate-limited'],
]
