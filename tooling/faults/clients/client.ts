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
import type { Happening } from '../history/log.ts'
import { markedSignal } from '../history/mark.ts'
import { follow, isRoomMessage, type View, viewOf } from '../history/view.ts'
import type { Address } from '../servers/balancer.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { backoffMs, beatMs, pingEveryMs, silenceMs } from './patience.ts'

export interface ClientOptions extends JournalOptions {
  /** Where to connect; asked for each attempt. */
  readonly choose: () => Address | null
  /** From 0 to 1. */
  readonly random: () => number
  /** False: it never gives up a silent connection, as a client that does not look. */
  readonly isWatchful?: boolean
}

/** A client that does what PROTOCOL.md asks of one, and writes down all it sends and hears. */
export class Client {
  readonly name: string
  readonly room: string
  readonly journal: Journal
  readonly #options: ClientOptions
  readonly #sockets = new Set<WebSocket>()
  #count = 0
  #serial = 0
  #pings = 0
  #pingedAt: Millis = 0
  #signalsHeard = 0
  #failures = 0
  #resume: string | null = null
  /** Welcomed, and listened to. */
  #live: Line | null = null
  /** Not welcomed yet. */
  #next: Line | null = null
  #retryTimer: NodeJS.Timeout | undefined
  #isOver = false
  #hasLeft = false
  readonly #pulse: NodeJS.Timeout

  constructor(options: ClientOptions) {
    this.#options = options
    this.name = options.name
    this.room = options.room
    this.journal = new Journal(options)
    this.#pulse = setInterval(() => this.#beat(), beatMs)
    this.#connect()
  }

  /** What it knows of the room; `null` while it is not in it. */
  get view(): View | null {
    return this.#live?.view ?? null
  }

  /** How many signals came by a connection that it listened to. */
  get signalsHeard(): number {
    return this.#signalsHeard
  }

  /** Of its own will: who is sent away for good has not left. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** Does nothing while the client is not in the room. */
  signal(to: PeerId): void {
    if (this.#live === null) return
    this.#serial += 1
    this.#say(this.#live, { type: 'signal', to, data: markedSignal(this.#serial) })
  }

  /** As `signal`. */
  send(message: Exclude<ClientMessage, { type: 'join' | 'signal' | 'leave' }>): void {
    if (this.#live !== null) this.#say(this.#live, message)
  }

  leave(): void {
    if (this.#live !== null) this.#say(this.#live, { type: 'leave' })
    this.#hasLeft = true
    this.#finish()
  }

  /** Loses its connection as when the network goes, and comes back by itself. */
  drop(): void {
    this.#live?.socket.terminate()
  }

  /** Ends it without a word; its log stays. */
  close(): void {
    this.#finish()
    for (const socket of this.#sockets) socket.terminate()
  }

  #connect(): void {
    clearTimeout(this.#retryTimer)
    if (this.#isOver || this.#next !== null) return
    const address = this.#options.choose()
    if (address === null) this.#retryLater(0)
    else this.#open(address)
  }

  #open(address: Address): void {
    this.#count += 1
    const socket = new WebSocket(address.url, subprotocol, { perMessageDeflate: false })
    const line: Line = { number: this.#count, socket, view: null, heardAt: this.#options.now() }
    this.#next = line
    this.#sockets.add(socket)
    this.journal.note(line.number, { type: 'connecting', node: address.node })
    socket.on('open', () => this.#join(line))
    socket.on('message', (data) => this.#receive(line, String(data)))
    // `close` follows and says it all.
    socket.on('error', () => {})
    socket.on('close', (code) => {
      this.#sockets.delete(socket)
      this.journal.note(line.number, { type: 'closed', code })
      this.#lost(line, { code })
    })
  }

  #join(line: Line): void {
    this.#say(line, {
      ...{ type: 'join', v: 1, room: this.room, presence: { name: this.name } },
      ...{ canHost: true, priority: 0, token: null, resume: this.#resume },
    })
  }

  #receive(line: Line, text: string): void {
    line.heardAt = this.#options.now()
    const decoded = decodeServer(text)
    if (!decoded.ok) {
      this.journal.note(line.number, { type: 'garbled', text: text.slice(0, 200) })
      return
    }
    this.journal.note(line.number, { type: 'heard', message: decoded.value })
    if (line === this.#live || line === this.#next) this.#handle(line, decoded.value)
  }

  #handle(line: Line, message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#welcomed(line, message)
        break
      case 'resume':
        this.#resume = message.resume
        break
      case 'goaway':
        this.#retry(this.#options.random() * message.reconnectWithinMs)
        break
      case 'signal':
        this.#signalsHeard += 1
        break
      case 'error':
        if (line === this.#next) this.#refused(line, message)
        break
      default:
        if (isRoomMessage(message)) this.#follow(line, message)
    }
  }

  #welcomed(line: Line, welcome: WelcomeMessage): void {
    line.view = viewOf(welcome)
    this.#resume = welcome.resume
    this.#failures = 0
    if (line !== this.#next) return
    clearTimeout(this.#retryTimer)
    const older = this.#live
    this.#live = line
    this.#next = null
    if (older === null) return
    this.journal.note(older.number, { type: 'given-up', why: 'replaced' })
    older.socket.close()
  }

  #refused(line: Line, { code, retryable, retryAfterMs }: ErrorMessage): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      this.#join(line)
    } else if (retryable) {
      this.#giveUp(line, { why: 'refused', afterMs: retryAfterMs ?? 0 })
      line.socket.close()
    } else this.#finish()
  }

  #follow(line: Line, message: Parameters<typeof follow>[1]): void {
    if (line.view === null) return
    const next = follow(line.view, message)
    if (next.ok) line.view = next.value
    else {
      this.#giveUp(line, { why: 'misstep', afterMs: 0 })
      line.socket.close()
    }
  }

  #giveUp(line: Line, { why, afterMs }: { why: GivenUp['why']; afterMs: Millis }): void {
    this.journal.note(line.number, { type: 'given-up', why })
    this.#lost(line, { code: 1006, afterMs })
  }

  /** Comes back by another connection, where the code allows it. */
  #lost(line: Line, { code, afterMs = 0 }: { code: number; afterMs?: Millis }): void {
    const wasListenedTo = line === this.#live || line === this.#next
    if (line === this.#next) this.#next = null
    if (line === this.#live) this.#live = null
    if (!wasListenedTo || this.#isOver || this.#next !== null) return
    if (mayReconnect(code)) this.#retryLater(afterMs)
    else this.#finish()
  }

  #retryLater(afterMs: Millis): void {
    this.#retry(afterMs + backoffMs(this.#failures, this.#options.random()))
    this.#failures += 1
  }

  #retry(delayMs: Millis): void {
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs)
  }

  /** A dead path shows in no other way than silence; its socket stays as it is, as on that path. */
  #beat(): void {
    const silentSince = this.#options.now() - silenceMs
    const { isWatchful = true } = this.#options
    for (const line of [this.#live, this.#next]) {
      if (line === null || !isWatchful || line.heardAt > silentSince) continue
      this.#giveUp(line, { why: 'silence', afterMs: 0 })
    }
    if (this.#live === null || this.#options.now() < this.#pingedAt + pingEveryMs) return
    this.#pingedAt = this.#options.now()
    this.#pings += 1
    this.#say(this.#live, { type: 'ping', id: this.#pings })
  }

  #say(line: Line, message: ClientMessage): void {
    if (line.socket.readyState !== WebSocket.OPEN) return
    line.socket.send(encode(message))
    this.journal.note(line.number, { type: 'sent', message })
  }

  #finish(): void {
    this.#isOver = true
    clearTimeout(this.#retryTimer)
    clearInterval(this.#pulse)
  }
}

interface Line {
  readonly number: number
  readonly socket: WebSocket
  view: View | null
  heardAt: Millis
}
type GivenUp = Extract<Happening, { type: 'given-up' }>
