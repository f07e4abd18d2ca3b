import { WebSocket } from 'ws'

/** A client as small as it may be that still can come back: for churn, not for measuring. */
export class Person {
  readonly #url: string
  readonly #room: string
  #socket: WebSocket | null = null
  #id: string | null = null
  #host: string | null = null
  #resume: string | null = null
  #peers: readonly string[] = []
  /** What the server said that should not have been. */
  readonly complaints: string[] = []

  constructor({ url, room }: { readonly url: string; readonly room: string }) {
    this.#url = url
    this.#room = room
  }

  get isHere(): boolean {
    return this.#id !== null
  }

  /** Neither here nor on the way. */
  get isAway(): boolean {
    return this.#socket === null
  }

  /** Joins, with the token of last time if there is one. */
  come(): void {
    const socket = new WebSocket(this.#url, 'skein.v1', { perMessageDeflate: false })
    this.#socket = socket
    socket.on('open', () => {
      this.#say({ type: 'join', v: 1, room: this.#room, resume: this.#resume })
    })
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))))
    socket.on('error', (error) => this.complaints.push(error.message))
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#id = null
    })
  }

  /** Goes for good. */
  leave(): void {
    this.#say({ type: 'leave' })
    this.#resume = null
    this.#id = null
  }

  /** Is cut off, and can come back. */
  drop(): void {
    this.#id = null
    const socket = this.#socket
    this.#socket = null
    socket?.terminate()
  }

  /** Gives the role to somebody, if it is theirs to give. */
  transfer(): void {
    const to = this.#peers[0]
    if (this.#host === this.#id && to !== undefined) this.#say({ type: 'transfer-host', to })
  }

  update(presence: object): void {
    this.#say({ type: 'update', presence })
  }

  signal(data: object): void {
    const to = this.#peers.at(-1)
    if (to !== undefined) this.#say({ type: 'signal', to, data })
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #hear(message: Heard): void {
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
        this.#refused(message.code)
    }
  }

  #refused(code: string): void {
    if (code === 'resume-rejected') {
      this.#resume = null
      this.drop()
    } else if (!isOfChurn.has(code)) this.complaints.push(code)
  }
}

/** Whom one means may have gone a moment ago. */
const isOfChurn = new Set(['peer-not-found', 'peer-unreachable', 'not-host', 'not-eligible'])

interface Id {
  readonly id: string
}

type Heard =
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
