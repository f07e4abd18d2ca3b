import { WebSocket } from 'ws'

/** A minimal client that can resume; for churn, not for measurements. */
export class ChurnClient {
  readonly #url: string
  readonly #room: string
  #socket: WebSocket | null = null
  #id: string | null = null
  #host: string | null = null
  #resume: string | null = null
  #peers: readonly string[] = []
  /** Errors that should not have occurred. */
  readonly errors: string[] = []

  constructor({ url, room }: { readonly url: string; readonly room: string }) {
    this.#url = url
    this.#room = room
  }

  get isJoined(): boolean {
    return this.#id !== null
  }

  /** Neither joined nor joining. */
  get isOffline(): boolean {
    return this.#socket === null
  }

  /** Joins, with the last resume token if there is one. */
  join(): void {
    const socket = new WebSocket(this.#url, 'skein.v1', { perMessageDeflate: false })
    this.#socket = socket
    socket.on('open', () => {
      this.#send({ type: 'join', v: 1, room: this.#room, resume: this.#resume })
    })
    socket.on('message', (data) => this.#received(JSON.parse(String(data))))
    socket.on('error', (error) => this.errors.push(error.message))
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#id = null
    })
  }

  /** Leaves the room. */
  leave(): void {
    this.#send({ type: 'leave' })
    this.#resume = null
    this.#id = null
  }

  /** Loses its connection; it can resume. */
  drop(): void {
    this.#id = null
    const socket = this.#socket
    this.#socket = null
    socket?.terminate()
  }

  /** Hands the host role to another member, if this one is host. */
  transfer(): void {
    const to = this.#peers[0]
    if (this.#host === this.#id && to !== undefined) this.#send({ type: 'transfer-host', to })
  }

  update(presence: object): void {
    this.#send({ type: 'update', presence })
  }

  signal(data: object): void {
    const to = this.#peers.at(-1)
    if (to !== undefined) this.#send({ type: 'signal', to, data })
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #received(message: Incoming): void {
    switch (message.type) {
      case 'welcome':
        this.#id = message.self.id
        this.#host = message.host
        this.#resume = message.resume
        this.#peers = message.peers.map(({ id }) => id)
        break
      case 'resume':
        this.#resume = message.resume
        break
      case 'host':
        this.#host = message.host
        break
      case 'peer-joined':
        this.#peers = [...this.#peers, message.peer.id]
        break
      case 'peer-left':
        this.#peers = this.#peers.filter((id) => id !== message.id)
        break
      case 'error':
        this.#rejected(message.code)
    }
  }

  #rejected(code: string): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      this.drop()
    } else if (!isExpected.has(code)) this.errors.push(code)
  }
}

/** Expected during churn: the target may just have left. */
const isExpected = new Set(['peer-not-found', 'peer-unreachable', 'not-host', 'not-eligible'])

interface Id {
  readonly id: string
}

type Incoming =
  | {
      readonly type: 'welcome'
      readonly self: Id
      readonly host: string | null
      readonly resume: string
      readonly peers: readonly Id[]
    }
  | { readonly type: 'resume'; readonly resume: string }
  | { readonly type: 'host'; readonly host: string | null }
  | { readonly type: 'peer-joined'; readonly peer: Id }
  | { readonly type: 'peer-left'; readonly id: string }
  | { readonly type: 'error'; readonly code: string }
