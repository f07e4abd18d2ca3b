import { createClient } from '@redis/client'
import type { Millis } from '@skein/protocol'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { CommandQueue } from './command-queue.ts'

export interface RedisConnectionOptions {
  readonly url: string
  /** Shown in the log and in Redis' `CLIENT LIST`. */
  readonly name: string
  readonly commandTimeoutMs: Millis
  readonly log: Log
  /** Called after each connect and reconnect. */
  readonly onReady?: () => void
}

/** A Redis command: its name and arguments. */
export type CommandArgs = readonly (string | Buffer)[]

/** Sends commands to Redis, and reports how well it answers. */
export interface Commands {
  readonly send: (args: CommandArgs) => Promise<unknown>
  /**
   * Since when every command has been answered in time, by `performance.now()`; `null`: not now.
   */
  readonly healthySince: number | null
  /**
   * When it last became healthy, by `performance.now()`; `null` before that and while unhealthy.
   */
  readonly recoveredAt: number | null
  readonly close: () => Promise<void>
}

/**
 * One connection to Redis, reopened until `close()`. A command fails at once while the connection
 * is down, and after a timeout when Redis does not answer: commands are never queued.
 */
export class RedisConnection implements Commands {
  readonly #options: RedisConnectionOptions
  readonly #commands: CommandQueue
  readonly #stuckTimer: NodeJS.Timeout
  #client: Client
  #isClosed = false
  #isUp = true
  #downSince = performance.now()
  #leftServerAt = Number.NEGATIVE_INFINITY
  #subscription: Subscription | null = null

  constructor(options: RedisConnectionOptions) {
    this.#options = options
    this.#commands = new CommandQueue({ timeoutMs: options.commandTimeoutMs })
    this.#client = this.#connect()
    this.#stuckTimer = setInterval(() => this.#reconnectIfStuck(), stuckCheckMs)
    this.#stuckTimer.unref()
  }

  get healthySince(): number | null {
    return this.#client.isReady ? this.#commands.healthySince : null
  }

  get recoveredAt(): number | null {
    return this.#commands.recoveredAt
  }

  send(args: CommandArgs): Promise<unknown> {
    if (!this.#client.isReady) {
      this.#commands.markUnhealthy()
      return Promise.reject(new Error('Redis cannot be reached.'))
    }
    const client = this.#client
    const reply = client.sendCommand([...args])
    reply.catch((error: unknown) => {
      if (client === this.#client && isFromUnusableServer(error)) this.#leaveServer()
    })
    return this.#commands.track(reply)
  }

  /** Subscribes to a channel in place of any other; renewed after each reconnect. */
  async subscribe(channel: string, receive: (message: Buffer) => void): Promise<void> {
    const previous = this.#subscription
    this.#subscription = { channel, receive }
    if (!this.#client.isReady) return
    await this.#commands.track(this.#client.subscribe(channel, receive, true))
    if (previous !== null && previous.channel !== channel) {
      await this.#commands.track(this.#client.unsubscribe(previous.channel))
    }
  }

  /** Drops the socket and opens another one. */
  reconnect(): void {
    if (this.#isClosed) return
    const old = this.#client
    this.#downSince = performance.now()
    this.#client = this.#connect()
    destroy(old)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#stuckTimer)
    this.#commands.close()
    destroy(this.#client)
  }

  #connect(): Client {
    const { url, name } = this.#options
    const client = newClient({ url, name })
    client.on('error', (error) => {
      if (client === this.#client) this.#onError(error)
    })
    client.on('ready', () => {
      if (client === this.#client) void this.#onReady(client)
    })
    // Rejects only when the client was closed meanwhile.
    client.connect().catch(() => {})
    return client
  }

  async #onReady(client: Client): Promise<void> {
    const { name, log, onReady } = this.#options
    const subscription = this.#subscription
    try {
      if (subscription !== null && !client.isPubSubActive) {
        await client.subscribe(subscription.channel, subscription.receive, true)
      }
    } catch {
      this.reconnect()
      return
    }
    if (!this.#isUp) log.info({ connection: name }, 'redis connection restored')
    this.#isUp = true
    onReady?.()
  }

  /** Reconnects after a failover: the address may lead to the new master by now. */
  #leaveServer(): void {
    this.#commands.markUnhealthy()
    const now = performance.now()
    if (now - this.#leftServerAt < minLeaveIntervalMs) return
    this.#leftServerAt = now
    this.reconnect()
  }

  /** Logs once, not at every attempt to reconnect. */
  #onError(error: unknown): void {
    this.#commands.markUnhealthy()
    if (!this.#isUp) return
    this.#isUp = false
    this.#downSince = performance.now()
    this.#options.log.warn(
      { ...errorFields(error), connection: this.#options.name },
      'redis connection lost',
    )
  }

  /**
   * Catches what raises no event: a black-holed connection, or a handshake that never completes.
   */
  #reconnectIfStuck(): void {
    const now = performance.now()
    const isStuck = this.#client.isReady
      ? this.#commands.silentMs > stuckMs
      : now - this.#downSince > stuckMs
    if (isStuck) this.reconnect()
  }
}

interface Subscription {
  readonly channel: string
  readonly receive: (message: Buffer) => void
}

const stuckCheckMs = 1_000
const stuckMs = 5_000
const connectTimeoutMs = 2_000
const maxReconnectDelayMs = 1_000
/** Many commands fail at once, and the name may lead to the same server for a while. */
const minLeaveIntervalMs = 1_000

/** The server has become a replica, or is still loading its data. */
const isFromUnusableServer = (error: unknown): boolean =>
  error instanceof Error && /\b(?:READONLY|MASTERDOWN|LOADING)\b/.test(error.message)

type Client = ReturnType<typeof newClient>

const newClient = ({ url, name }: { readonly url: string; readonly name: string }) =>
  createClient({
    url,
    name,
    RESP: 2,
    disableOfflineQueue: true,
    // The client's own timeout creates an AbortSignal for each command, which costs five times as
    // much as the command. `CommandQueue` does it with one timer.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: connectTimeoutMs,
      reconnectStrategy: (retries) =>
        Math.min(25 * 2 ** Math.min(retries, 6), maxReconnectDelayMs) * (0.5 + Math.random()),
    },
  })

const destroy = (client: Client): void => {
  if (client.isOpen) client.destroy()
}
