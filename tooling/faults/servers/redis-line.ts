import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Millis } from '@skein/protocol'
import { DelayedPipe } from './delayed-pipe.ts'

/** Which connections a fault is for: those that have subscribed to something, or all. */
export type Concerned = 'all' | 'subscribers'

/** A TCP proxy in front of a socket file, which a test slows, holds up, cuts and turns. */
export class RedisLine {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #target: string
  #delayMs: Millis = 0
  #isRefusing = false

  private constructor(server: Server, { port, target }: { port: number; target: string }) {
    this.#server = server
    this.#target = target
    this.port = port
    server.on('connection', (inner) => this.#relay(inner))
  }

  static async to(target: string): Promise<RedisLine> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string')
      throw new Error('A TCP port was asked for.')
    return new RedisLine(server, { port: address.port, target })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Each answer, on connections old and new, comes so much later. */
  slow(delayMs: Millis): void {
    this.#delayMs = delayMs
    for (const { answers } of this.#pairs) answers.delayMs = delayMs
  }

  /** Nothing more is carried on the connections that are there, which stay open. */
  hold(whom: Concerned): void {
    for (const pair of this.#concerned(whom)) pair.hold()
  }

  /** What was held is carried after all. */
  release(): void {
    for (const pair of this.#pairs) pair.release()
  }

  cut(whom: Concerned): void {
    for (const { inner } of this.#concerned(whom)) inner.resetAndDestroy()
  }

  /** From now on nothing comes through: connections end, and new ones too. */
  refuse(): void {
    this.#isRefusing = true
    this.cut('all')
  }

  accept(): void {
    this.#isRefusing = false
  }

  /** Everybody is to come again, and finds another server. */
  turnTo(target: string): void {
    this.#target = target
    this.cut('all')
  }

  async close(): Promise<void> {
    this.cut('all')
    this.#server.close()
    await once(this.#server, 'close')
  }

  #concerned(whom: Concerned): readonly Pair[] {
    return [...this.#pairs].filter((pair) => whom === 'all' || pair.isSubscriber)
  }

  #relay(inner: Socket): void {
    if (this.#isRefusing) {
      inner.resetAndDestroy()
      return
    }
    const outer = connect({ path: this.#target })
    const pair = new Pair(inner, outer)
    pair.answers.delayMs = this.#delayMs
    this.#pairs.add(pair)
    inner.once('close', () => this.#pairs.delete(pair))
  }
}

/** One connection, both of its ways. */
class Pair {
  readonly inner: Socket
  readonly answers: DelayedPipe
  readonly #requests: DelayedPipe
  #isSubscriber = false

  constructor(inner: Socket, outer: Socket) {
    this.inner = inner
    this.#requests = new DelayedPipe(inner, outer)
    this.answers = new DelayedPipe(outer, inner)
    inner.on('data', (data) => {
      this.#isSubscriber ||= /subscribe/i.test(data.toString('latin1'))
    })
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
  }

  get isSubscriber(): boolean {
    return this.#isSubscriber
  }

  hold(): void {
    this.#requests.isHeld = true
    this.answers.isHeld = true
  }

  release(): void {
    this.#requests.isHeld = false
    this.answers.isHeld = false
  }
}
