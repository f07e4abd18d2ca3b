import type { Clock } from '../time/clock.ts'

export interface FakeServerOptions {
  readonly clock: Clock
  readonly random?: () => number
  /** The longest that a frame takes; frames stay in order. Default: 10. */
  readonly maxDelayMs?: number
  /** A client is at the door. */
  readonly connected: (socket: FakeServerSocket) => void
}

/** A server without a network: `WebSocket` is the constructor for its clients. */
export interface FakeServer {
  /** For one machine; `cut` takes the same name. */
  readonly port: (owner?: string) => typeof WebSocket
  /** While `false`, connections are refused. */
  isUp: boolean
  /** Nothing goes through to or from that machine, and neither side is told, until `restore`. */
  readonly cut: (owner: string) => void
  readonly restore: (owner: string) => void
  /** The server's ends of what is open, oldest first. */
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
  const world: World = {
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
          super(world, owner, protocol)
        }
      }
      return Port as typeof WebSocket
    },
    get isUp() {
      return world.isUp
    },
    set isUp(isUp) {
      world.isUp = isUp
    },
    cut: (owner) => {
      if (!world.held.has(owner)) world.held.set(owner, [])
    },
    restore: (owner) => {
      const held = world.held.get(owner) ?? []
      world.held.delete(owner)
      for (const task of held) task()
    },
    sockets: world.sockets,
  }
}

interface World extends Required<FakeServerOptions> {
  isUp: boolean
  /** What waits at a cut, by machine: TCP sends it again once the path is back. */
  readonly held: Map<string, (() => void)[]>
  readonly sockets: FakeServerSocket[]
}

/** The client's end. */
class FakeSocket {
  readyState = 0
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  readonly #world: World
  readonly #owner: string
  readonly #server: FakeServerSocket
  #lastAt = 0

  constructor(world: World, owner: string, protocol: string) {
    this.#world = world
    this.#owner = owner
    this.#server = {
      owner,
      protocol,
      send: (text) => this.#later(() => this.readyState === 1 && this.onmessage?.({ data: text })),
      close: (code, reason) => {
        this.#forget()
        this.#later(() => this.#closed(code, reason))
      },
      onmessage: null,
      onclose: null,
    }
    this.#later(() => this.#open())
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new DOMException('not open', 'InvalidStateError')
    this.#later(() => this.#world.sockets.includes(this.#server) && this.#server.onmessage?.(text))
  }

  close(): void {
    if (this.readyState >= 2) return
    this.readyState = 2
    this.#later(() => {
      if (this.#forget()) this.#server.onclose?.()
      this.#closed(1005)
    })
  }

  #open(): void {
    if (this.readyState !== 0) return
    if (!this.#world.isUp) {
      this.onerror?.(new Event('error'))
      this.#closed(1006)
      return
    }
    this.readyState = 1
    this.#world.sockets.push(this.#server)
    this.#world.connected(this.#server)
    this.onopen?.(new Event('open'))
  }

  #closed(code: number, reason = ''): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code, reason })
  }

  #forget(): boolean {
    const place = this.#world.sockets.indexOf(this.#server)
    if (place >= 0) this.#world.sockets.splice(place, 1)
    return place >= 0
  }

  #later(task: () => void): void {
    const { clock, random, maxDelayMs, held } = this.#world
    this.#lastAt = Math.max(this.#lastAt, clock.now() + random() * maxDelayMs)
    clock.after(this.#lastAt - clock.now(), () => {
      const waiting = held.get(this.#owner)
      if (waiting) waiting.push(task)
      else task()
    })
  }
}
