import {
  type AwayMessage,
  type ClientMessage,
  type ClientSignalMessage,
  type ErrorMessage,
  encode,
  type LeaveMessage,
  type Limits,
  type Millis,
  mayReconnect,
  type ServerPingMessage,
  type SkeinErrorCode,
  subprotocol,
  type UpdateMessage,
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
import type { MemberInfo, Seat, SignalingClient, SignalingObserver } from './signaling.ts'

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
  readonly seat: Seat | null
  /** Sends a last word over HTTP, also when the page is going away. */
  readonly sendBeacon: (url: string, body: string) => void
}

/** Connects at once, and reconnects until `close()` or a final rejection. */
export const createSignalingClient = (options: SignalingOptions): SignalingClient =>
  new Client(options)

class Client implements SignalingClient {
  readonly #options: SignalingOptions
  readonly #signals: Pacer<ClientSignalMessage>
  /** Holds the newest one only. */
  readonly #updates: Pacer<UpdateMessage>
  readonly #retryTimer: RestartableTimer
  readonly #welcomeTimer: RestartableTimer
  /** What the application wants to publish; the pace decides when the server gets it. */
  #self: MemberInfo
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
    const { clock, seat } = options
    this.#options = options
    this.#resume = seat?.resume ?? null
    this.#self = JSON.parse(infoText(options))
    this.#signals = createPacer(clock, limits.maxQueued, (message) => this.#send(message))
    this.#updates = createPacer(clock, 1, (message) => this.#send(message))
    this.#retryTimer = createTimer(clock)
    this.#welcomeTimer = createTimer(clock)
    this.#welcomeTimer(options.timeoutMs, () => {
      const [code, message] = this.#failures > 0 ? connectFailed : joinTimedOut
      this.#finish(this.#lastError ?? new SkeinError(code, { message }))
    })
    this.#connect()
  }

  get isOnline(): boolean {
    return this.#socket !== null
  }

  send(message: Parameters<SignalingClient['send']>[0]): boolean {
    if (message.type !== 'signal') return this.#send(message)
    if (!this.#isClosed) this.#signals.add(message)
    return !this.#isClosed
  }

  setHasOpenLinks(hasOpenLinks: boolean): void {
    this.#hasOpenLinks = hasOpenLinks
  }

  update(change: Partial<MemberInfo>): void {
    // A deep copy, without `undefined`: the application may go on to change what it passed.
    this.#self = { ...this.#self, ...JSON.parse(JSON.stringify(change)) }
    this.#sendUpdate()
  }

  probe(): void {
    if (this.#socket) this.#liveness?.probe()
    else this.#connect()
  }

  readonly check = (): void => this.probe()

  readonly renew = (): void => this.probe()

  serverIsBack(): void {
    if (this.#socket || this.#next || this.#failures === 0) return
    this.#failures = 0
    this.#retryAfterFailure()
  }

  suspend(message: AwayMessage | LeaveMessage): void {
    if (this.#isClosed) return
    const wasOnline = this.isOnline
    // Who has no token yet cannot come back as the member that a join on its way would make.
    this.#sayGoodbye(this.#resume === null ? { type: 'leave' } : message)
    this.#sendBeacon(message)
    this.#disconnect()
    if (wasOnline) this.#options.observer.onlineChanged(false)
  }

  close({ leave }: { readonly leave: boolean }): void {
    const message = { type: 'leave' } as const
    if (leave && !this.#isClosed && !this.#sayGoodbye(message)) this.#sendBeacon(message)
    this.#finish(null)
  }

  /** Also where a join is under way: the server may have admitted it already. */
  #sayGoodbye(message: AwayMessage | LeaveMessage): boolean {
    const sent = [this.#socket, this.#next].map((socket) => this.#send(message, socket))
    return sent.includes(true)
  }

  /**
   * Says it over HTTP too. Firefox closes sockets before `pagehide`, and Chrome may discard what a
   * socket still has to send.
   */
  #sendBeacon(message: AwayMessage | LeaveMessage): void {
    const target = new URL(this.#options.url.replace(/^ws/i, 'http'))
    target.pathname = target.pathname.replace(/\/ws\/?$/, '/leave')
    // The server takes the token alone for proof, and accepts any of the latest connection.
    const body = JSON.stringify({ reload: false, ...message, resume: this.#resume })
    if (this.#resume !== null) this.#options.sendBeacon(target.href, body)
  }

  #connect(): void {
    this.#retryTimer()
    if (this.#isClosed || this.#next) return
    const { url, WebSocket, clock } = this.#options
    try {
      const socket = new WebSocket(url, subprotocol)
      this.#next = socket
      socket.onopen = () => {
        void this.#join(socket)
        this.#options.observer.reached()
      }
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
    if (frame.type === 'resume') this.#keepToken(frame.resume)
    else if (frame.type === 'error' && this.#wasTooFast(frame)) return
    else if (frame.type === 'goaway') this.#retryAfter(random() * frame.reconnectWithinMs)
    else if (!('revision' in frame) || frame.revision === this.#revision + 1) {
      if ('revision' in frame) this.#revision += 1
      observer.received(frame)
      // After a gap in revisions only a new socket gets the full state.
    } else if (frame.revision > this.#revision) this.#lost(socket)
  }

  #sendUpdate(): void {
    this.#updates.add({ ...this.#self, type: 'update' })
  }

  /** Slows down as the server asks. `true` if there is nothing that the application could do. */
  #wasTooFast({ about, retryable, retryAfterMs }: ErrorMessage): boolean {
    const isUpdate = about === 'update' && retryable
    if (isUpdate) {
      this.#updates.pause(retryAfterMs ?? limits.updateRetryMs)
      this.#sendUpdate()
    } else if (retryAfterMs && (about === 'signal' || about === null)) {
      this.#signals.pause(retryAfterMs)
    }
    return isUpdate
  }

  #welcomed(socket: WebSocket, welcome: WelcomeMessage): void {
    const { observer } = this.#options
    const wasOnline = this.isOnline
    const isNew = socket === this.#next
    if (isNew) {
      this.#socket?.close()
      this.#next = null
      this.#retryTimer()
    }
    this.#socket = socket
    this.#welcomeTimer()
    this.#failures = 0
    this.#lastError = null
    this.#keepToken(welcome.resume)
    this.#revision = welcome.revision
    // Queued signals belong to links of the previous id.
    if (this.#wasWelcomed && !welcome.resumed) this.#signals.clear()
    this.#wasWelcomed = true
    // The server may have missed an update, or lost one.
    if (infoText(welcome.self) !== infoText(this.#self)) this.#sendUpdate()
    // On a socket in use, an older update may be on its way: the newest has to follow it.
    else if (isNew) this.#updates.clear()
    observer.welcomed(welcome)
    if (!wasOnline && this.isOnline) observer.onlineChanged(true)
    if (isNew) this.#pace(welcome.limits)
  }

  /** An older server does not say how many updates it accepts. */
  #pace({ signalsPerSecond, signalsBurst, updatesPerSecond = 2, updatesBurst = 10 }: Limits): void {
    this.#updates.open(updatesPerSecond, updatesBurst)
    this.#signals.open(signalsPerSecond, signalsBurst)
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
    const { observer } = this.#options
    if (socket === this.#next) this.#next = null
    else if (socket === this.#socket) {
      this.#socket = null
      observer.onlineChanged(false)
    } else return
    // With a next socket this was the old one, which the server closed as superseded.
    if (this.#isClosed || this.#next) return
    if (!this.#socket) this.#liveness?.stop()
    if (mayReconnect(close.code)) this.#retryAfterFailure(retryAfterMs)
    else this.#finish(this.#lastError ?? closeError(close))
    this.#failures += 1
  }

  #retryAfterFailure(retryAfterMs: Millis = 0): void {
    const failures = this.#failures
    const hasOpenLinks = this.#hasOpenLinks
    const chance = this.#options.random()
    this.#retryAfter(retryAfterMs + backoffMs({ failures, hasOpenLinks, chance }))
  }

  #retryAfter(delayMs: Millis): void {
    this.#retryTimer(delayMs, () => this.#connect())
  }

  #finish(error: SkeinError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#welcomeTimer()
    this.#signals.clear()
    this.#updates.clear()
    this.#disconnect()
    this.#options.seat?.leave()
    queueMicrotask(() => this.#options.observer.closed(error))
  }

  #disconnect(): void {
    this.#failures = 0
    this.#retryTimer()
    this.#liveness?.stop()
    this.#next?.close()
    this.#socket?.close()
    this.#next = this.#socket = null
  }
}

const infoText = ({ presence, canHost, priority }: MemberInfo): string =>
  JSON.stringify({ presence, canHost, priority })

type Reason = readonly [code: SkeinErrorCode, message: string]
const connectFailed: Reason = ['connect-failed', 'Check the URL, and that the server is running.']
const joinTimedOut: Reason = ['timeout', 'The server did not answer in time.']

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
