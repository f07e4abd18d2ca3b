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

export interface Closing {
  readonly code: number
}

/** A client of the protocol that keeps all it hears, for tests to wait on. */
export class TestClient {
  readonly socket: WebSocket
  readonly closed: Promise<Closing>
  /** What the server said when it closed. */
  closeReason = ''
  readonly #heard: ServerMessage[] = []
  readonly #all: ServerMessage[] = []
  #wake: () => void = () => {}

  private constructor(socket: WebSocket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<Closing>()
    this.closed = promise
    socket.on('message', (data) => this.#hear(String(data)))
    socket.on('error', () => {})
    socket.on('close', (code, reason) => {
      this.closeReason = reason.toString()
      resolve({ code })
      this.#wake()
    })
  }

  /** Connects; the socket is open when it resolves. */
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

  /** The next message of one of these types; what came before it is passed over. */
  async next<Type extends ServerMessage['type']>(...types: Type[]): Promise<Message<Type>> {
    for (;;) {
      const message = this.#heard.shift()
      if (message === undefined) await this.#more(types.join(' or '))
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

  /** A round trip: whatever the server had to say to earlier frames has come. */
  async settle(): Promise<void> {
    this.send({ type: 'ping', id: 4_711 })
    await this.next('pong')
  }

  /** Everything heard since the connection opened. */
  get all(): readonly ServerMessage[] {
    return this.#all
  }

  of<Type extends ServerMessage['type']>(type: Type): readonly Message<Type>[] {
    return this.#all.filter((message) => isOf(message, type))
  }

  /** Drops the connection as a dead network does. */
  drop(): void {
    this.socket.terminate()
  }

  async leave(): Promise<void> {
    this.send({ type: 'leave' })
    await this.closed
  }

  #hear(text: string): void {
    const decoded = decodeServer(text)
    if (!decoded.ok) throw new Error(`The server said what no server says: ${text.slice(0, 200)}`)
    this.#heard.push(decoded.value)
    this.#all.push(decoded.value)
    this.#wake()
  }

  async #more(type: string): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) {
      throw new Error(`The socket closed before a ${type} came.`)
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

/** A signal as small as they come. */
export const candidate: SignalData = {
  link: { local: 'l', remote: null },
  type: 'candidate',
  candidate: null,
}
