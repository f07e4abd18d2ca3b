import type { Clock } from '../time/clock.ts'

export interface FakeServerOptions {
  readonly clock: Clock
  readonly random?: () => number
  /** The longest delay of a frame; frames stay in order. Default: 10. */
  readonly maxDelayMs?: number
  /** A client has connected. */
  readonly connected: (socket: FakeServerSocket) => void
}

/** A WebSocket server without a network; `port` returns the constructor for its clients. */
export interface FakeServer {
  /** The `WebSocket` constructor for one machine; `cut` takes the same name. */
  readonly port: (owner?: string) => typeof WebSocket
  /** While `false`, new connections fail. */
  isUp: boolean
  /** Holds all traffic to and from that machine until `restore`. */
  readonly cut: (owner: string) => void
  readonly restore: (owner: string) => void
  /** Whether a request from that machine would be answered. */
  readonly isReachable: (owner: string) => boolean
  /** The server's ends of the open connections, oldest first. */
  readonly sockets: readonly FakeServerSocket[]
}

/** The server's end of one connection. */
export interface FakeServerSocket {
  readonly owner: string
  readonly protocol: string
  readonly send: (text: string) => void
  readonly close: (code: number, reason?: string) => void
  onmessage: ((text: string) => void) | null
  onclose: (() => void) | null
}

export const fakeServer = (options: FakeServerOptions): FakeServer => {
  const state: ServerState = {
    ...options,
    random: options.random ?? (() => 0.5),
    maxDelayMs: options.maxDelayMs ?? 10,
    isUp: true,
    held: new Map(),
    sockets: [],
  }
  return {
    port: (owner = 'client') => {
      const Port: unknown = class extends FakeSocket {
        constructor(_url: string | URL, protocol: string) {
          super(state, owner, protocol)
        }
      }
      return Port as typeof WebSocket
    },
    get isUp() {
      return state.isUp
    },
    set isUp(isUp) {
      state.isUp = isUp
    },
    cut: (owner) => {
      if (!state.held.has(owner)) state.held.set(owner, [])
    },
    restore: (owner) => {
      const held = state.held.get(owner) ?? []
      state.held.delete(owner)
      for (const task of held) task()
    },
    isReachable: (owner) => state.isUp && !state.held.has(owner),
    sockets: state.sockets,
  }
}

interface ServerState extends Required<FakeServerOptions> {
  isUp: boolean
  /** Traffic held at a cut, by machine: TCP retransmits it once the path is back. */
  readonly held: Map<string, (() => void)[]>
  readonly sockets: FakeServerSocket[]
}

/** The client's end. */
class FakeSocket extends EventTarget {
  readyState = 0
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  readonly #state: ServerState
  readonly #owner: string
  readonly #server: FakeServerSocket
  #lastAt = 0

  constructor(state: ServerState, owner: string, protocol: string) {
    super()
    this.#state = state
    this.#owner = owner
    this.#server = {
      owner,
      protocol,
      send: (text) => this.#later(() => this.#receive(text)),
      close: (code, reason) => {
        this.#removeFromServer()
        this.#later(() => this.#setClosed(code, reason))
      },
      onmessage: null,
      onclose: null,
    }
    this.#later(() => this.#open())
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new DOMException('not open', 'InvalidStateError')
    this.#later(() => this.#state.sockets.includes(this.#server) && this.#server.onmessage?.(text))
  }

  close(): void {
    if (this.readyState >= 2) return
    this.readyState = 2
    this.#later(() => {
      if (this.#removeFromServer()) this.#server.onclose?.()
      this.#setClosed(1005)
    })
  }

  #receive(data: string): void {
    if (this.readyState !== 1) return
    this.onmessage?.({ data })
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  #open(): void {
    if (this.readyState !== 0) return
    if (!this.#state.isUp) {
      this.onerror?.(new Event('error'))
      this.#setClosed(1006)
      return
    }
    this.readyState = 1
    this.#state.sockets.push(this.#server)
    this.#state.connected(this.#server)
    this.onopen?.(new Event('open'))
    this.dispatchEvent(new Event('open'))
  }

  #setClosed(code: number, reason = ''): void {
    if (this.readyState === 3) return
    this.readyState = 3
    const wasClean = code !== 1006
    this.onclose?.({ code, reason })
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason, wasClean }))
  }

  #removeFromServer(): boolean {
    const index = this.#state.sockets.indexOf(this.#server)
    if (index >= 0) this.#state.sockets.splice(index, 1)
    return index >= 0
  }

  #later(task: () => void): void {
    const { clock, random, maxDelayMs, held } = this.#state
    this.#lastAt = Math.max(this.#lastAt, clock.now() + random() * maxDelayMs)
    clock.after(this.#lastAt - clock.now(), () => {
      const waiting = held.get(this.#owner)
      if (waiting) waiting.push(task)
      else task()
    })
  }
}
