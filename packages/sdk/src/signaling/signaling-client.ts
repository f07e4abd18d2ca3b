import {
  closeCodes,
  type ErrorMessage,
  type Millis,
  mayReconnect,
  type ServerMessage,
  type SkeinErrorCode,
  type WelcomeMessage,
} from '@skein/protocol'
import type { JoinOptions } from '../api.ts'
import type { Clock } from '../clock.ts'
import { backoffMs } from '../core/backoff.ts'
import { SkeinError } from '../errors.ts'
import { createPacer } from './pacer.ts'
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
  /** The socket in use; the one that `goaway` is about to replace keeps working until then. */
  #socket: Socket | null = null
  /** Not welcomed yet. */
  #next: Socket | null = null
  #isOnline = false
  #isClosed = false
  #hasOpenLinks = false
  #wasWelcomed = false
  /** `self` was changed after the join that carried it. */
  #isSelfStale = false
  #resume: string | null = null
  #revision = 0
  #failures = 0
  #retryAfterMs: Millis = 0
  #lastError: SkeinError | null = null
  #cancelRetry = () => {}
  #cancelTimeout: () => void

  constructor(options: SignalingOptions) {
    this.#options = options
    const { presence, canHost, priority, clock } = options
    this.#self = { presence, canHost, priority }
    this.#pacer = createPacer(clock, (message) => this.#socket?.send(message))
    this.#cancelTimeout = clock.after(options.timeoutMs, () =>
      this.#finish(
        this.#lastError ?? new SkeinError('timeout', { message: 'No welcome in time.' }),
      ),
    )
    queueMicrotask(() => this.#connect())
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  readonly send: SignalingClient['send'] = (message) => {
    if (this.#isClosed) return false
    if (message.type === 'signal') this.#pacer.add(message)
    else if (message.type === 'update') this.update(message)
    else if (this.#isOnline) this.#socket?.send(message)
    else return false
    return true
  }

  readonly setHasOpenLinks: SignalingClient['setHasOpenLinks'] = (hasOpenLinks) => {
    this.#hasOpenLinks = hasOpenLinks
  }

  readonly update: SignalingClient['update'] = ({ presence, canHost, priority }) => {
    const change = {
      ...(presence !== undefined && { presence }),
      ...(canHost !== undefined && { canHost }),
      ...(priority !== undefined && { priority }),
    }
    this.#self = { ...this.#self, ...change }
    if (this.#next) this.#isSelfStale = true
    if (this.#isOnline) this.#socket?.send({ type: 'update', ...change })
  }

  readonly probe: SignalingClient['probe'] = () => {
    if (this.#isClosed) return
    if (this.#isOnline) this.#socket?.probe()
    else if (!this.#next) this.#retry(0)
  }

  readonly close: SignalingClient['close'] = ({ leave }) => {
    if (this.#isClosed) return
    if (leave && this.#isOnline) this.#socket?.send({ type: 'leave' })
    this.#shut()
    queueMicrotask(() => this.#options.observer.closed(null))
  }

  #connect(): void {
    this.#cancelRetry()
    if (this.#isClosed || this.#next) return
    try {
      const socket = openSocket({
        ...this.#options,
        opened: () => void this.#join(socket),
        received: (message) => this.#received(socket, message),
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
      this.#isSelfStale = false
      const resume = this.#resume
      socket.send({ type: 'join', v: 1, room, ...this.#self, token: granted, resume })
    } catch (cause) {
      this.#lastError = new SkeinError('unauthorized', { message: 'No token was given.', cause })
      if (!this.#wasWelcomed) this.#finish(this.#lastError)
      socket.close()
      this.#lost(socket, 1006)
    }
  }

  #received(socket: Socket, message: ServerMessage): void {
    if (message.type === 'welcome') this.#welcomed(socket, message)
    else if (message.type === 'error' && socket === this.#next) this.#refused(socket, message)
    else if (socket === this.#socket) this.#heard(message)
  }

  #heard(message: Exclude<ServerMessage, WelcomeMessage>): void {
    switch (message.type) {
      case 'resume':
        this.#resume = message.resume
        return
      case 'pong':
        return
      case 'goaway':
        this.#retry(this.#options.random() * message.reconnectWithinMs)
        return
      case 'error':
        if (message.code === 'rate-limited') this.#pacer.pause(message.retryAfterMs ?? 1_000)
        break
      case 'signal':
      case 'ice-servers':
        break
      default:
        if (!this.#isNext(message.revision)) return
    }
    this.#options.observer.received(message)
  }

  /** A gap in revisions is healed by a welcome, which a new socket gets. */
  #isNext(revision: number): boolean {
    if (revision === this.#revision + 1) {
      this.#revision = revision
      return true
    }
    if (revision > this.#revision) this.#lose()
    return false
  }

  #welcomed(socket: Socket, welcome: WelcomeMessage): void {
    if (socket === this.#next) {
      this.#socket?.close()
      this.#socket = socket
      this.#next = null
    } else if (socket !== this.#socket) return
    this.#cancelRetry()
    this.#cancelTimeout()
    this.#failures = 0
    this.#retryAfterMs = 0
    this.#lastError = null
    this.#resume = welcome.resume
    this.#revision = welcome.revision
    // Under a new id, what was meant for the peers of the old one is stale.
    if (this.#wasWelcomed && !welcome.resumed) this.#pacer.clear()
    this.#wasWelcomed = true
    if (this.#isSelfStale) socket.send({ type: 'update', ...this.#self })
    this.#isSelfStale = false
    this.#options.observer.welcomed(welcome)
    this.#setOnline(true)
    if (this.#isOnline) this.#pacer.open(welcome.limits)
  }

  /** An error in place of a welcome. */
  #refused(socket: Socket, { code, message, retryable, retryAfterMs }: ErrorMessage): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      void this.#join(socket)
      return
    }
    this.#lastError = new SkeinError(code, { message })
    this.#retryAfterMs = retryAfterMs ?? 0
    // A full room is for the first join to tell; a member that comes back waits for its place.
    const isFinal = !retryable || (!this.#wasWelcomed && code === 'room-full')
    socket.close()
    if (isFinal) this.#finish(this.#lastError)
    else this.#lost(socket, closeCodes.goingAway)
  }

  #lost(socket: Socket, code: number): void {
    const isCurrent = socket === this.#socket
    if (isCurrent) this.#socket = null
    else if (socket === this.#next) this.#next = null
    else return
    if (isCurrent) this.#setOnline(false)
    // The newer socket of the same member is what ended this one.
    if (this.#isClosed || (isCurrent && this.#next)) return
    if (!mayReconnect(code)) {
      this.#finish(this.#lastError ?? closeError(code))
      return
    }
    if (!this.#wasWelcomed) this.#lastError ??= new SkeinError('connect-failed')
    const { random } = this.#options
    const delayMs = backoffMs({
      failures: this.#failures,
      hasOpenLinks: this.#hasOpenLinks,
      chance: random(),
    })
    this.#failures += 1
    this.#retry(this.#retryAfterMs + delayMs)
  }

  /** Gives the socket up, to come back by another. */
  #lose(): void {
    const socket = this.#socket
    if (!socket) return
    socket.close()
    this.#lost(socket, 1006)
  }

  #retry(delayMs: Millis): void {
    this.#cancelRetry()
    this.#cancelRetry = this.#options.clock.after(delayMs, () => this.#connect())
  }

  #setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline || this.#isClosed) return
    this.#isOnline = isOnline
    if (!isOnline) this.#pacer.open(null)
    this.#options.observer.onlineChanged(isOnline)
  }

  #finish(error: SkeinError): void {
    if (this.#isClosed) return
    this.#shut()
    this.#options.observer.closed(error)
  }

  #shut(): void {
    this.#isClosed = true
    this.#isOnline = false
    this.#cancelRetry()
    this.#cancelTimeout()
    this.#pacer.open(null)
    this.#next?.close()
    this.#socket?.close()
  }
}

/** For a close that no `error` message explained. */
const closeError = (code: number): SkeinError => {
  const [name, message] = closeReasons[code] ?? [
    'connect-failed',
    `The server closed with ${code}.`,
  ]
  return new SkeinError(name, { message })
}

const closeReasons: Readonly<Record<number, readonly [SkeinErrorCode, string]>> = {
  [closeCodes.badProtocol]: ['bad-message', 'The server could not read this client.'],
  [closeCodes.unauthorized]: ['unauthorized', 'The server does not admit this client.'],
  [closeCodes.superseded]: ['closed', 'A newer connection took this place in the room.'],
  [closeCodes.kicked]: ['closed', 'This peer was removed from the room.'],
  [closeCodes.rateLimitAbused]: ['rate-limited', 'Too many messages in too short a time.'],
}
