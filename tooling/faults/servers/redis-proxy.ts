import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Millis } from '@skein/protocol'
import { DelayedForwarder } from './delayed-forwarder.ts'

/** The connections that a fault affects: all, or only those with a subscription. */
export type ProxyScope = 'all' | 'subscribers'

/** A TCP proxy in front of a socket file that a test can slow down, pause, cut and redirect. */
export class RedisProxy {
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
    server.on('connection', (client) => this.#relay(client))
  }

  /** Opens a proxy in front of a socket file. */
  static async to(target: string): Promise<RedisProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string')
      throw new Error('A server on TCP has a port.')
    return new RedisProxy(server, { port: address.port, target })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Sets the delay of each response, on current and new connections. */
  setDelay(delayMs: Millis): void {
    this.#delayMs = delayMs
    for (const { responses } of this.#pairs) responses.delayMs = delayMs
  }

  /** Stops forwarding on the current connections, which stay open. */
  pause(scope: ProxyScope): void {
    for (const pair of this.#pairsIn(scope)) pair.pause()
  }

  /** Forwards everything that was held back, and continues. */
  resume(): void {
    for (const pair of this.#pairs) pair.resume()
  }

  /** Resets connections. */
  disconnect(scope: ProxyScope): void {
    for (const { client } of this.#pairsIn(scope)) client.resetAndDestroy()
  }

  /** Resets current and new connections until `accept`. */
  refuse(): void {
    this.#isRefusing = true
    this.disconnect('all')
  }

  accept(): void {
    this.#isRefusing = false
  }

  /** Resets all connections; new ones go to another server. */
  redirect(target: string): void {
    this.#target = target
    this.disconnect('all')
  }

  async close(): Promise<void> {
    this.disconnect('all')
    this.#server.close()
    await once(this.#server, 'close')
  }

  #pairsIn(scope: ProxyScope): readonly Pair[] {
    return [...this.#pairs].filter((pair) => scope === 'all' || pair.isSubscriber)
  }

  #relay(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ path: this.#target })
    const pair = new Pair(client, server)
    pair.responses.delayMs = this.#delayMs
    this.#pairs.add(pair)
    client.once('close', () => this.#pairs.delete(pair))
  }
}

/** One connection, in both directions. */
class Pair {
  readonly client: Socket
  readonly responses: DelayedForwarder
  readonly #requests: DelayedForwarder
  #isSubscriber = false

  constructor(client: Socket, server: Socket) {
    this.client = client
    this.#requests = new DelayedForwarder(client, server)
    this.responses = new DelayedForwarder(server, client)
    client.on('data', (data) => {
      this.#isSubscriber ||= /subscribe/i.test(data.toString('latin1'))
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => other.destroy())
      socket.on('close', () => other.destroy())
    }
  }

  get isSubscriber(): boolean {
    return this.#isSubscriber
  }

  pause(): void {
    this.#requests.isPaused = true
    this.responses.isPaused = true
  }

  resume(): void {
    this.#requests.isPaused = false
    this.responses.isPaused = false
  }
}
