import {
  type AwayMessage,
  type ClientMessage,
  type ClientSignalMessage,
  type ErrorMessage,
  encode,
  type LeaveMessage,
  type Millis,
  mayReconnect,
  type ServerPingMessage,
  subprotocol,
  type WelcomeMessage,
} from '@skein/protocol'
import { guarded } from '../base/emitter.ts'
import { SkeinError } from '../base/errors.ts'
import { backoffMs } from '../core/backoff.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import { abnormalClose, type CloseReport, closeError, joinError } from './close-error.ts'
import { createKnocker, type Knocker } from './knocker.ts'
import * as limits from './limits.ts'
import { NextSocket } from './next-socket.ts'
import { createPacer, type Pacer } from './pacer.ts'
import { PublishedInfo } from './published-info.ts'
import { malformedFrame, readFrame, type ServerFrame } from './server-frame.ts'
import type { MemberInfo, SignalingClient, SignalingOptions } from './signaling.ts'
import { type SocketWatch, watchSocket } from './socket-watch.ts'
import { urlBeside } from './url-beside.ts'

/** Why the server, or the application's token function, rejected a join. */
type Rejection = Pick<ErrorMessage, 'code' | 'message' | 'retryable' | 'retryAfterMs'>

/** Connects at once, and reconnects until `close()` or a final rejection. */
export const createSignalingClient = (options: SignalingOptions): SignalingClient =>
  new Client(options)

class Client implements SignalingClient {
  readonly #options: SignalingOptions
  readonly #signals: Pacer<ClientSignalMessage>
  readonly #retryTimer: RestartableTimer
  readonly #welcomeTimer: RestartableTimer
  readonly #knocker: Knocker
  readonly #info: PublishedInfo
  readonly #next: NextSocket
  /** The socket in use, already welcomed. After `goaway` it stays until the next one is welcomed. */
  #socket: WebSocket | null = null
  /** Of the socket in use. */
  #watch: SocketWatch | null = null
  /** The socket in use may be dead; the next one takes its place, if it does not answer first. */
  #isDoubted = false
  /** What the observer was told last. */
  #toldOnline = false
  #isClosed = false
  /** The page is put away: nothing connects until it is back. */
  #isSuspended = false
  #wasWelcomed = false
  #resume: string | null = null
  #revision = 0
  /** Failed attempts in a row. */
  #failures = 0
  /** Why the last attempt failed, if the server gave a reason. */
  #lastError: SkeinError | null = null

  constructor(options: SignalingOptions) {
    const { clock, seat } = options
    this.#options = options
    this.#resume = seat?.resume ?? null
    this.#signals = createPacer(clock, limits.maxQueued, (message) => this.#send(message))
    this.#info = new PublishedInfo(clock, options, (message) => this.#send(message))
    this.#retryTimer = createTimer(clock)
    this.#welcomeTimer = createTimer(clock)
    this.#next = new NextSocket(clock)
    this.#knocker = createKnocker({
      clock,
      knock: () => options.knock(urlBeside(options.url, '/healthz')),
      isNeeded: () => this.#needsSocket && options.isBroken(),
      answered: (knockedAt) => this.#knockAnswered(knockedAt),
    })
    this.#welcomeTimer(options.timeoutMs, () => {
      this.#finish(this.#lastError ?? joinError(this.#failures > 0))
    })
    this.#connect()
  }

  get isOnline(): boolean {
    return this.#socket !== null
  }

  get socket(): WebSocket | null {
    return this.#socket
  }

  send(message: Parameters<SignalingClient['send']>[0]): boolean {
    if (message.type !== 'signal') return this.#send(message)
    if (this.isOnline) this.#signals.add(message)
    return this.isOnline
  }

  readonly update = (change: Partial<MemberInfo>): void => this.#info.change(change)

  probe(): void {
    this.#isSuspended = false
    if (this.#socket) this.#watch?.check(false)
    else this.#connect()
  }

  readonly check = (): void => {
    this.#watch?.check(true)
    this.#knocker.start()
  }

  readonly renew = (): void => {
    this.#failures = 0
    this.#isDoubted = this.isOnline
    this.#watch?.check(true)
    this.#next.abandon(this.#options.clock.now() - limits.freshMs)
    this.#connect()
    this.#knocker.start()
  }

  serverIsBack(): void {
    if (this.#socket || this.#next.current || this.#failures === 0) return
    this.#failures = 0
    this.#retryAfterFailure()
  }

  suspend(message: AwayMessage | LeaveMessage): void {
    if (this.#isClosed) return
    // Who has no token yet cannot come back as the member that a join on its way would make.
    this.#sayGoodbye(this.#resume === null ? { type: 'leave' } : message)
    this.#sendBeacon(message)
    this.#isSuspended = true
    this.#disconnect()
    this.#setOnline(false)
  }

  close({ leave }: { readonly leave: boolean }): void {
    const message = { type: 'leave' } as const
    if (leave && !this.#isClosed && !this.#sayGoodbye(message)) this.#sendBeacon(message)
    this.#finish(null)
  }

  /** Also where a join is under way: the server may have admitted it already. */
  #sayGoodbye(message: AwayMessage | LeaveMessage): boolean {
    const sent = [this.#socket, this.#next.current].map((socket) => this.#send(message, socket))
    return sent.includes(true)
  }

  /**
   * Says it over HTTP too. Firefox closes sockets before `pagehide`, and Chrome may discard what a
   * socket still has to send.
   */
  #sendBeacon(message: AwayMessage | LeaveMessage): void {
    const target = urlBeside(this.#options.url, '/leave')
    // The server takes the token alone for proof, and accepts any of the latest connection.
    const body = JSON.stringify({ reload: false, ...message, resume: this.#resume })
    if (this.#resume !== null) this.#options.sendBeacon(target, body)
  }

  #connect(): void {
    this.#retryTimer()
    if (this.#isClosed || this.#isSuspended || this.#next.current) return
    const { url, WebSocket } = this.#options
    try {
      const socket = new WebSocket(url, subprotocol)
      const opened = () => {
        void this.#join(socket)
        this.#options.observer.reached()
      }
      this.#next.start(socket, opened, () => this.#lost(socket))
      socket.onmessage = ({ data }) => this.#onMessage(socket, data)
      socket.onclose = (event) => this.#lost(socket, event)
      // `close` follows with the details; without a listener `ws` throws.
      socket.onerror = () => {}
    } catch (cause) {
      this.#finish(new SkeinError('bad-argument', { message: 'Invalid url.', cause }))
    }
  }

  #knockAnswered(knockedAt: Millis): void {
    // One that is younger may only need a moment.
    this.#next.abandon(knockedAt - limits.stuckMs)
    this.#connect()
  }

  get #needsSocket(): boolean {
    return !this.#isSuspended && !this.#isClosed && (!this.#socket || this.#isDoubted)
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
      if (socket !== this.#next.current) return
      this.#send({ ...this.#info.current, ...credentials, type: 'join', v: 1, room }, socket)
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
    if (socket !== this.#next.current && socket !== this.#socket) return
    if (socket === this.#socket) this.#heard()
    const frame = readFrame(data)
    if (frame) guarded(() => this.#onFrame(socket, frame))
    if (frame === malformedFrame) this.#lost(socket)
  }

  /** The socket in use is alive. */
  #heard(): void {
    this.#watch?.heard()
    if (this.#isDoubted) {
      this.#isDoubted = false
      this.#retryTimer()
      this.#next.abandon()
    }
    this.#setOnline(true)
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
    if (frame.type === 'resume') this.#keepToken(frame.resume)
    else if (frame.type === 'error' && this.#wasTooFast(frame)) return
    else if (frame.type === 'goaway') this.#retryAfter(random() * frame.reconnectWithinMs)
    else if (!('revision' in frame) || frame.revision === this.#revision + 1) {
      if ('revision' in frame) this.#revision += 1
      observer.received(frame)
      // After a gap in revisions only a new socket gets the full state.
    } else if (frame.revision > this.#revision) this.#lost(socket)
  }

  /** Slows down as the server asks. `true` if there is nothing that the application could do. */
  #wasTooFast({ about, retryable, retryAfterMs }: ErrorMessage): boolean {
    const isUpdate = about === 'update' && retryable
    if (isUpdate) this.#info.rejected(retryAfterMs)
    else if (retryAfterMs && (about === 'signal' || about === null)) {
      this.#signals.pause(retryAfterMs)
    }
    return isUpdate
  }

  #welcomed(socket: WebSocket, welcome: WelcomeMessage): void {
    const { observer } = this.#options
    const isNew = socket === this.#next.current
    if (isNew) this.#use(socket)
    this.#welcomeTimer()
    this.#failures = 0
    this.#lastError = null
    this.#keepToken(welcome.resume)
    this.#revision = welcome.revision
    // They are of attempts that links have made anew, or of the previous id.
    if (isNew) this.#signals.clear()
    this.#wasWelcomed = true
    this.#info.known(welcome.self, isNew)
    observer.welcomed(welcome)
    this.#setOnline(this.isOnline)
    if (!isNew) return
    this.#info.open(welcome.limits)
    this.#signals.open(welcome.limits.signalsPerSecond, welcome.limits.signalsBurst)
  }

  #use(socket: WebSocket): void {
    const { clock, isBusy } = this.#options
    this.#socket?.close()
    this.#watch?.stop()
    this.#next.clear()
    this.#retryTimer()
    this.#isDoubted = false
    this.#socket = socket
    this.#watch = watchSocket({
      clock,
      isBusy,
      ping: () => this.#send({ type: 'ping', id: 0 }),
      doubted: () => {
        this.#isDoubted = true
        this.#connect()
        this.#knocker.start()
      },
      silent: () => this.#setOnline(false),
      lost: () => this.#lost(socket),
    })
  }

  #setOnline(isOnline: boolean): void {
    if (isOnline === this.#toldOnline) return
    this.#toldOnline = isOnline
    this.#options.observer.onlineChanged(isOnline)
  }

  #keepToken(resume: string | null): void {
    this.#resume = resume
    this.#options.seat?.keep(resume)
  }

  /** The join failed. */
  #rejected(socket: WebSocket, rejection: Rejection, cause?: unknown): void {
    const { code, message, retryable, retryAfterMs } = rejection
    if (code === 'resume-rejected') {
      this.#keepToken(null)
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
    if (socket === this.#next.current) {
      this.#next.clear()
    } else if (socket === this.#socket) {
      this.#socket = null
      this.#watch?.stop()
      this.#setOnline(false)
    } else return
    // With a next socket this was the old one, which the server closed as superseded.
    if (this.#isClosed || this.#next.current) return
    if (mayReconnect(close.code)) this.#retryAfterFailure(retryAfterMs)
    else this.#finish(this.#lastError ?? closeError(close))
    this.#failures += 1
  }

  #retryAfterFailure(retryAfterMs: Millis = 0): void {
    const chance = this.#options.random()
    this.#retryAfter(retryAfterMs + backoffMs({ failures: this.#failures, chance }))
    this.#knocker.start()
  }

  #retryAfter(delayMs: Millis): void {
    this.#retryTimer(delayMs, () => this.#connect())
  }

  #finish(error: SkeinError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#welcomeTimer()
    this.#signals.clear()
    this.#info.clear()
    this.#disconnect()
    this.#options.seat?.leave()
    queueMicrotask(() => this.#options.observer.closed(error))
  }

  #disconnect(): void {
    this.#failures = 0
    this.#retryTimer()
    this.#knocker.stop()
    this.#watch?.stop()
    this.#next.close()
    this.#socket?.close()
    this.#socket = null
  }
}
