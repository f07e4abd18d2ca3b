import {
  type CloseCode,
  type ErrorMessage,
  type Millis,
  mayReconnect,
  type SkeinErrorCode,
  type WelcomeMessage,
} from '@skein/protocol'
import type { JoinOptions } from '../api.ts'
import type { Clock } from '../clock.ts'
import { backoffMs } from '../core/backoff.ts'
import { SkeinError } from '../errors.ts'
import { createPacer } from './pacer.ts'
import type { ServerFrame } from './server-frame.ts'
import type { SignalingClient, SignalingObserver } from './signaling.ts'
import { openSocket, type Socket } from './socket.ts'

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
  readonly #pacer
  #self: Self
  /** What the last join said of me. */
  #joinedAs: Self
  /** Welcomed, and in use; one that `goaway` is about to replace keeps working until then. */
  #socket: Socket | null = null
  /** Not welcomed yet. */
  #next: Socket | null = null
  #isClosed = false
  #hasOpenLinks = false
  #wasWelcomed = false
  #resume: string | null = null
  #revision = 0
  #failures = 0
  #lastError: SkeinError | null = null
  #cancelRetry = () => {}
  readonly #cancelTimeout: () => void

  constructor(options: SignalingOptions) {
    this.#options = options
    const { presence, canHost, priority, clock } = options
    this.#self = this.#joinedAs = { presence, canHost, priority }
    this.#pacer = createPacer(clock, (message) => this.#socket?.send(message))
    this.#cancelTimeout = clock.after(options.timeoutMs, () =>
      this.#finish(this.#lastError ?? new SkeinError('timeout')),
    )
    queueMicrotask(() => this.#connect())
  }

  get isOnline(): boolean {
    return this.#socket !== null
  }

  readonly send: SignalingClient['send'] = (message) => {
    if (this.#isClosed) return false
    if (message.type === 'signal') this.#pacer.add(message)
    else if (this.#socket) this.#socket.send(message)
    else return false
    return true
  }

  readonly setHasOpenLinks: SignalingClient['setHasOpenLinks'] = (hasOpenLinks) => {
    this.#hasOpenLinks = hasOpenLinks
  }

  readonly update: SignalingClient['update'] = (change) => {
    const now = this.#self
    const { presence = now.presence, canHost = now.canHost, priority = now.priority } = change
    this.#self = { presence, canHost, priority }
    this.#socket?.send({ type: 'update', ...this.#self })
  }

  readonly probe: SignalingClient['probe'] = () => {
    if (this.#socket) this.#socket.probe()
    else this.#connect()
  }

  readonly close: SignalingClient['close'] = ({ leave }) => {
    if (leave) this.#socket?.send({ type: 'leave' })
    this.#finish(null)
  }

  #connect(): void {
    this.#cancelRetry()
    if (this.#isClosed || this.#next) return
    try {
      const socket = openSocket({
        ...this.#options,
        opened: () => void this.#join(socket),
        received: (frame) => this.#received(socket, frame),
        closed: (code) => this.#lost(socket, code),
      })
      this.#next = socket
    } catch (cause) {
      this.#finish(new SkeinError('bad-argument', { message: 'The url is not valid.', cause }))
    }
  }

  async #join(socket: Socket): Promise<void> {
    const { token, room } = this.#options
    try {
      const granted = typeof token === 'function' ? await token() : token
      if (socket !== this.#next) return
      this.#joinedAs = this.#self
      const resume = this.#resume
      socket.send({ type: 'join', v: 1, room, ...this.#self, token: granted, resume })
    } catch (cause) {
      this.#lastError = new SkeinError('unauthorized', { message: 'No token was given.', cause })
      if (this.#wasWelcomed) this.#lost(socket)
      else this.#finish(this.#lastError)
    }
  }

  #received(socket: Socket, frame: ServerFrame): void {
    if (frame.type === 'welcome') this.#welcomed(socket, frame)
    else if (socket === this.#socket) this.#heard(socket, frame)
    else if (frame.type === 'error') this.#refused(socket, frame)
  }

  #heard(socket: Socket, frame: Exclude<ServerFrame, WelcomeMessage>): void {
    const { observer, random } = this.#options
    if (frame.type === 'resume') this.#resume = frame.resume
    else if (frame.type === 'goaway') this.#retry(random() * frame.reconnectWithinMs)
    else if (!('revision' in frame) || frame.revision === this.#revision + 1) {
      if ('revision' in frame) this.#revision = frame.revision
      else if (isPause(frame)) this.#pacer.pause(frame.retryAfterMs ?? 1_000)
      observer.received(frame)
      // A gap in revisions is healed by a welcome, which a new socket gets.
    } else if (frame.revision > this.#revision) this.#lost(socket)
  }

  #welcomed(socket: Socket, welcome: WelcomeMessage): void {
    const { observer } = this.#options
    const wasOnline = this.isOnline
    if (socket === this.#next) {
      this.#socket?.close()
      this.#next = null
    }
    this.#socket = socket
    this.#cancelRetry()
    this.#cancelTimeout()
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
    if (this.isOnline) this.#pacer.open(welcome.limits)
  }

  /** An error in place of a welcome. */
  #refused(socket: Socket, { code, message, retryable, retryAfterMs }: ErrorMessage): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      void this.#join(socket)
      return
    }
    this.#lastError = new SkeinError(code, { message })
    // A full room is for the first join to tell; a member that comes back waits for its place.
    const isFinal = !retryable || (!this.#wasWelcomed && code === 'room-full')
    if (isFinal) this.#finish(this.#lastError)
    else this.#lost(socket, 1006, retryAfterMs ?? 0)
  }

  /** Gives the socket up, to come back by another where the code allows it. */
  #lost(socket: Socket, code = 1006, retryAfterMs: Millis = 0): void {
    socket.close()
    const { observer, random } = this.#options
    if (socket === this.#next) this.#next = null
    else if (socket === this.#socket) {
      this.#socket = null
      this.#pacer.open(null)
      observer.onlineChanged(false)
    } else return
    // The newer socket of the same member is what ended this one.
    if (this.#isClosed || this.#next) return
    if (!mayReconnect(code)) {
      this.#finish(this.#lastError ?? closeError(code))
      return
    }
    if (!this.#wasWelcomed) this.#lastError ??= new SkeinError('connect-failed')
    const [failures, hasOpenLinks] = [this.#failures, this.#hasOpenLinks]
    this.#failures += 1
    this.#retry(retryAfterMs + backoffMs({ failures, hasOpenLinks, chance: random() }))
  }

  #retry(delayMs: Millis): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#options.clock.after(delayMs, () => this.#connect())
  }

  #finish(error: SkeinError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelRetry()
    this.#cancelTimeout()
    this.#pacer.open(null)
    this.#next?.close()
    this.#socket?.close()
    this.#socket = null
    queueMicrotask(() => this.#options.observer.closed(error))
  }
}

const isPause = (frame: ServerFrame): frame is ErrorMessage =>
  frame.type === 'error' && frame.code === 'rate-limited'

type CloseReason = readonly [code: SkeinErrorCode, message?: string]

/** For a close that no `error` message explained. */
const closeError = (closeCode: number): SkeinError => {
  const [code, message] = closeReasons[closeCode] ?? ['connect-failed']
  return new SkeinError(code, { message: message ?? `The server closed with ${closeCode}.` })
}

const closeReasons: Readonly<Record<number, CloseReason>> = {
  4500: ['bad-message'],
  4501: ['unauthorized'],
  4502: ['closed', 'A newer connection took this place in the room.'],
  4503: ['closed', 'This peer was removed from the room.'],
  4504: ['rate-limited'],
} satisfies Partial<Record<CloseCode, CloseReason>>
