import { once } from 'node:events'
import {
  type ClientMessage,
  decodeServer,
  type ServerMessage,
  type SignalData,
  subprotocol,
} from '@skein/protocol'
import { WebSocket } from 'ws'

type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

export interface TestClientOptions {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface CloseInfo {
  readonly code: number
}

/** A protocol client that records every message, for tests to await and inspect. */
export class TestClient {
  readonly socket: WebSocket
  readonly closed: Promise<CloseInfo>
  /** The reason in the close frame; empty when there was none. */
  closeReason = ''
  /** A page that is frozen does not answer, though its browser answers WebSocket pings. */
  isFrozen = false
  readonly #unread: ServerMessage[] = []
  readonly #all: ServerMessage[] = []
  #wake: () => void = () => {}

  private constructor(socket: WebSocket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<CloseInfo>()
    this.closed = promise
    socket.on('message', (data) => this.#receive(String(data)))
    socket.on('error', () => {})
    socket.on('close', (code, reason) => {
      this.closeReason = reason.toString()
      resolve({ code })
      this.#wake()
    })
  }

  /** Connects; resolves when the socket is open. */
  static async open({ url, headers = {} }: TestClientOptions): Promise<TestClient> {
    const socket = new WebSocket(url, subprotocol, { headers: { ...headers } })
    const client = new TestClient(socket)
    await once(socket, 'open')
    return client
  }

  send(message: ClientMessage | Readonly<Record<string, unknown>>): void {
    this.sendRaw(JSON.stringify(message))
  }

  sendRaw(data: string | Buffer): void {
    this.socket.send(data)
  }

  signal(to: string, data: SignalData = candidate): void {
    this.send({ type: 'signal', to, data })
  }

  /** Joins and waits for the welcome. */
  async join(
    room: string,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Message<'welcome'>> {
    this.send({ type: 'join', v: 1, room, ...more })
    return this.next('welcome')
  }

  /** The next message of one of these types; skips all others. */
  async next<Type extends ServerMessage['type']>(...types: Type[]): Promise<Message<Type>> {
    for (;;) {
      const message = this.#unread.shift()
      if (message === undefined) await this.#waitForMessage(types.join(' or '))
      else if (isOf(message, ...types)) return message
    }
  }

  /** The next error with that code. */
  async nextError(code: string): Promise<Message<'error'>> {
    for (;;) {
      const message = await this.next('error')
      if (message.code === code) return message
    }
  }

  /** Waits for one round trip: by then the replies to all earlier frames have arrived. */
  async settle(): Promise<void> {
    this.send({ type: 'ping', id: 4_711 })
    await this.next('pong')
  }

  /** Every message since the connection opened. */
  get all(): readonly ServerMessage[] {
    return this.#all
  }

  /** Every message of this type since the connection opened. */
  received<Type extends ServerMessage['type']>(type: Type): readonly Message<Type>[] {
    return this.#all.filter((message) => isOf(message, type))
  }

  /** Drops the connection without a closing handshake. */
  drop(): void {
    this.socket.terminate()
  }

  async leave(): Promise<void> {
    this.send({ type: 'leave' })
    await this.closed
  }

  #receive(text: string): void {
    const decoded = decodeServer(text)
    if (!decoded.ok) throw new Error(`Invalid message from the server: ${text.slice(0, 200)}`)
    if (decoded.value.type === 'ping' && !this.isFrozen) {
      this.send({ type: 'pong', id: decoded.value.id })
    }
    this.#unread.push(decoded.value)
    this.#all.push(decoded.value)
    this.#wake()
  }

  async #waitForMessage(type: string): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) {
      throw new Error(`The socket closed before a ${type} message arrived.`)
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
  }
}

const isOf = <Type extends ServerMessage['type']>(
  message: ServerMessage,
  ...types: readonly Type[]
): message is Message<Type> => types.some((type) => type === message.type)

/** The smallest valid signal. */
export const candidate: SignalData = {
  link: { local: 'l', remote: null },
  type: 'candidate',
  candidate: null,
}
