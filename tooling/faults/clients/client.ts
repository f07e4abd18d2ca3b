import {
  type ClientMessage,
  decodeServer,
  type ErrorMessage,
  encode,
  type Millis,
  mayReconnect,
  type PeerId,
  type ServerMessage,
  subprotocol,
  type WelcomeMessage,
} from '@skein/protocol'
import { WebSocket } from 'ws'
import type { LogEvent } from '../history/log.ts'
import { createSignal } from '../history/signal-serial.ts'
import { applyMessage, isRoomMessage, type View, viewOf } from '../history/view.ts'
import type { Address } from '../servers/balancer.ts'
import { Journal, type JournalOptions } from './journal.ts'

export interface ClientOptions extends JournalOptions {
  /** Called for each attempt to connect; `null`: try again later. */
  readonly chooseNode: () => Address | null
  /** From 0 to 1. */
  readonly random: () => number
  /** `false`: it never gives up a silent connection. */
  readonly detectsSilence?: boolean
}

/** A client that follows PROTOCOL.md and records everything that it sends and receives. */
export class Client {
  readonly name: string
  readonly room: string
  readonly journal: Journal
  readonly #options: ClientOptions
  readonly #sockets = new Set<WebSocket>()
  #connectionCount = 0
  #serial = 0
  #pings = 0
  #pingedAt: Millis = 0
  #signalsReceived = 0
  #failures = 0
  #resume: string | null = null
  /** The connection that has a welcome and is in use. */
  #current: Connection | null = null
  /** The connection that has no welcome yet. */
  #pending: Connection | null = null
  #retryTimer: NodeJS.Timeout | undefined
  #isStopped = false
  #hasLeft = false
  readonly #checkTimer: NodeJS.Timeout

  constructor(options: ClientOptions) {
    this.#options = options
    this.name = options.name
    this.room = options.room
    this.journal = new Journal(options)
    this.#checkTimer = setInterval(() => this.#checkConnections(), checkEveryMs)
    this.#connect()
  }

  /** The room as the client knows it; `null` while it is not in the room. */
  get view(): View | null {
    return this.#current?.view ?? null
  }

  /** How many signals it has received on connections in use. */
  get signalsReceived(): number {
    return this.#signalsReceived
  }

  /** Whether it called `leave`; `false` when the server closed the connection for good. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** Does nothing while the client is not in the room. */
  signal(to: PeerId): void {
    if (this.#current === null) return
    this.#serial += 1
    this.#send(this.#current, { type: 'signal', to, data: createSignal(this.#serial) })
  }

  /** Does nothing while the client is not in the room. */
  send(message: Exclude<ClientMessage, { type: 'join' | 'signal' | 'leave' }>): void {
    if (this.#current !== null) this.#send(this.#current, message)
  }

  leave(): void {
    if (this.#current !== null) this.#send(this.#current, { type: 'leave' })
    this.#hasLeft = true
    this.#stop()
  }

  /** Terminates the connection as a lost network would; the client reconnects by itself. */
  dropConnection(): void {
    this.#current?.socket.terminate()
  }

  /** Stops the client without a `leave`; its log stays. */
  close(): void {
    this.#stop()
    for (const socket of this.#sockets) socket.terminate()
  }

  #connect(): void {
    clearTimeout(this.#retryTimer)
    if (this.#isStopped || this.#pending !== null) return
    const address = this.#options.chooseNode()
    if (address === null) this.#retryLater(0)
    else this.#open(address)
  }

  #open(address: Address): void {
    this.#connectionCount += 1
    const socket = new WebSocket(address.url, subprotocol, { perMessageDeflate: false })
    const connection: Connection = {
      number: this.#connectionCount,
      socket,
      view: null,
      lastReceivedAt: this.#options.now(),
    }
    this.#pending = connection
    this.#sockets.add(socket)
    this.journal.record(connection.number, { type: 'connecting', node: address.node })
    socket.on('open', () => this.#sendJoin(connection))
    socket.on('message', (data) => this.#receive(connection, String(data)))
    // A `close` event follows.
    socket.on('error', () => {})
    socket.on('close', (code) => {
      this.#sockets.delete(socket)
      this.journal.record(connection.number, { type: 'closed', code })
      this.#handleClose(connection, { code })
    })
  }

  #sendJoin(connection: Connection): void {
    this.#send(connection, {
      ...{ type: 'join', v: 1, room: this.room, presence: { name: this.name } },
      ...{ canHost: true, priority: 0, token: null, resume: this.#resume },
    })
  }

  #receive(connection: Connection, text: string): void {
    connection.lastReceivedAt = this.#options.now()
    const decoded = decodeServer(text)
    if (!decoded.ok) {
      this.journal.record(connection.number, { type: 'invalid-frame', text: text.slice(0, 200) })
      return
    }
    this.journal.record(connection.number, { type: 'received', message: decoded.value })
    if (connection === this.#current || connection === this.#pending)
      this.#handle(connection, decoded.value)
  }

  #handle(connection: Connection, message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#handleWelcome(connection, message)
        break
      case 'resume':
        this.#resume = message.resume
        break
      case 'goaway':
        this.#retry(this.#options.random() * message.reconnectWithinMs)
        break
      case 'signal':
        this.#signalsReceived += 1
        break
      case 'error':
        if (connection === this.#pending) this.#handleRejection(connection, message)
        break
      default:
        if (isRoomMessage(message)) this.#applyRoomMessage(connection, message)
    }
  }

  #handleWelcome(connection: Connection, welcome: WelcomeMessage): void {
    connection.view = viewOf(welcome)
    this.#resume = welcome.resume
    this.#failures = 0
    if (connection !== this.#pending) return
    clearTimeout(this.#retryTimer)
    const older = this.#current
    this.#current = connection
    this.#pending = null
    if (older === null) return
    this.journal.record(older.number, { type: 'given-up', why: 'replaced' })
    older.socket.close()
  }

  #handleRejection(connection: Connection, { code, retryable, retryAfterMs }: ErrorMessage): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      this.#sendJoin(connection)
    } else if (retryable) {
      this.#giveUp(connection, { why: 'refused', afterMs: retryAfterMs ?? 0 })
      connection.socket.close()
    } else this.#stop()
  }

  #applyRoomMessage(connection: Connection, message: Parameters<typeof applyMessage>[1]): void {
    if (connection.view === null) return
    const next = applyMessage(connection.view, message)
    if (next.ok) connection.view = next.value
    else {
      this.#giveUp(connection, { why: 'out-of-sync', afterMs: 0 })
      connection.socket.close()
    }
  }

  #giveUp(
    connection: Connection,
    { why, afterMs }: { why: GivenUp['why']; afterMs: Millis },
  ): void {
    this.journal.record(connection.number, { type: 'given-up', why })
    this.#handleClose(connection, { code: 1006, afterMs })
  }

  /** Reconnects if the code allows it. */
  #handleClose(
    connection: Connection,
    { code, afterMs = 0 }: { code: number; afterMs?: Millis },
  ): void {
    const wasInUse = connection === this.#current || connection === this.#pending
    if (connection === this.#pending) this.#pending = null
    if (connection === this.#current) this.#current = null
    if (!wasInUse || this.#isStopped || this.#pending !== null) return
    if (mayReconnect(code)) this.#retryLater(afterMs)
    else this.#stop()
  }

  #retryLater(afterMs: Millis): void {
    this.#retry(afterMs + backoffMs(this.#failures, this.#options.random()))
    this.#failures += 1
  }

  #retry(delayMs: Millis): void {
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs)
  }

  /** Only silence reveals a dead path. The socket stays open, as it would on that path. */
  #checkConnections(): void {
    const silentSince = this.#options.now() - silenceMs
    const { detectsSilence = true } = this.#options
    for (const connection of [this.#current, this.#pending]) {
      if (connection === null || !detectsSilence || connection.lastReceivedAt > silentSince)
        continue
      this.#giveUp(connection, { why: 'silence', afterMs: 0 })
    }
    if (this.#current === null || this.#options.now() < this.#pingedAt + pingEveryMs) return
    this.#pingedAt = this.#options.now()
    this.#pings += 1
    this.#send(this.#current, { type: 'ping', id: this.#pings })
  }

  #send(connection: Connection, message: ClientMessage): void {
    if (connection.socket.readyState !== WebSocket.OPEN) return
    connection.socket.send(encode(message))
    this.journal.record(connection.number, { type: 'sent', message })
  }

  #stop(): void {
    this.#isStopped = true
    clearTimeout(this.#retryTimer)
    clearInterval(this.#checkTimer)
  }
}

interface Connection {
  readonly number: number
  readonly socket: WebSocket
  view: View | null
  lastReceivedAt: Millis
}
type GivenUp = Extract<LogEvent, { type: 'given-up' }>

/** As PROTOCOL.md says: a ping after 10 s of silence, and 5 s for its pong. */
const silenceMs: Millis = 15_000
/** More often than required, to learn what the server has read. */
const pingEveryMs: Millis = 1_000
const checkEveryMs: Millis = 250

/** Exponential backoff with full jitter, short because the clients act as if links were open. */
function backoffMs(failures: number, random: number): Millis {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** failures) * random
}

const firstBackoffMs: Millis = 500
const maxBackoffMs: Millis = 1_000
