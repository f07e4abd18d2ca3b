import { createClient } from '@redis/client'
import type { Millis } from '@skein/protocol'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { CommandQueue } from './command-queue.ts'

export interface RedisConnectionOptions {
  readonly url: string
  /** For the log, and what Redis shows in its list of clients. */
  readonly name: string
  readonly deadlineMs: Millis
  readonly log: Log
  /** Each time it has come up. */
  readonly ready?: () => void
}

/** What is sent to Redis: words of a command. */
export type Words = readonly (string | Buffer)[]

/** Commands and how it goes with them. */
export interface Commands {
  readonly send: (words: Words) => Promise<unknown>
  /** Since when it has answered all there was to answer, by `performance.now()`; `null`: it does not. */
  readonly soundSince: number | null
  /** When the last trouble ended; `null` when there was none yet or it goes on. */
  readonly troubledUntil: number | null
  readonly close: () => Promise<void>
}

/**
 * One connection to Redis, held up for as long as it is wanted. What is asked while it is down fails
 * at once, what is not answered in time fails then: nothing waits in a queue.
 */
export class RedisConnection implements Commands {
  readonly #options: RedisConnectionOptions
  readonly #commands: CommandQueue
  readonly #watch: NodeJS.Timeout
  #client: Client
  #isClosed = false
  #isUp = true
  #downSince = performance.now()
  #leftAt = Number.NEGATIVE_INFINITY
  #subscription: Subscription | null = null

  constructor(options: RedisConnectionOptions) {
    this.#options = options
    this.#commands = new CommandQueue({ deadlineMs: options.deadlineMs })
    this.#client = this.#connect()
    this.#watch = setInterval(() => this.#look(), watchMs)
    this.#watch.unref()
  }

  get soundSince(): number | null {
    return this.#client.isReady ? this.#commands.soundSince : null
  }

  get troubledUntil(): number | null {
    return this.#commands.troubledUntil
  }

  send(words: Words): Promise<unknown> {
    if (!this.#client.isReady) {
      this.#commands.trouble()
      return Promise.reject(new Error('Redis cannot be reached.'))
    }
    const client = this.#client
    const answer = client.sendCommand([...words])
    answer.catch((error: unknown) => {
      if (client === this.#client && isOfWrongServer(error)) this.#leave()
    })
    return this.#commands.track(answer)
  }

  /** Hears a channel, in place of any other; again after each reconnect. */
  async subscribe(channel: string, receive: (message: Buffer) => void): Promise<void> {
    const former = this.#subscription
    this.#subscription = { channel, receive }
    if (!this.#client.isReady) return
    await this.#commands.track(this.#client.subscribe(channel, receive, true))
    if (former !== null && former.channel !== channel) {
      await this.#commands.track(this.#client.unsubscribe(former.channel))
    }
  }

  /** Drops the socket and makes another: this one cannot be trusted. */
  replace(): void {
    if (this.#isClosed) return
    const old = this.#client
    this.#downSince = performance.now()
    this.#client = this.#connect()
    abandon(old)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#watch)
    this.#commands.close()
    abandon(this.#client)
  }

  #connect(): Client {
    const { url, name } = this.#options
    const client = newClient({ url, name })
    client.on('error', (error) => {
      if (client === this.#client) this.#fell(error)
    })
    client.on('ready', () => {
      if (client === this.#client) void this.#rose(client)
    })
    // Rejects only when it was closed meanwhile.
    client.connect().catch(() => {})
    return client
  }

  async #rose(client: Client): Promise<void> {
    const { name, log, ready } = this.#options
    const subscription = this.#subscription
    try {
      if (subscription !== null && !client.isPubSubActive) {
        await client.subscribe(subscription.channel, subscription.receive, true)
      }
    } catch {
      this.replace()
      return
    }
    if (!this.#isUp) log.info({ connection: name }, 'redis connection restored')
    this.#isUp = true
    ready?.()
  }

  /** One that may not be written to: by now the address may lead to another, which may. */
  #leave(): void {
    this.#commands.trouble()
    const now = performance.now()
    if (now - this.#leftAt < againMs) return
    this.#leftAt = now
    this.replace()
  }

  /** Said once, not at every attempt. */
  #fell(error: unknown): void {
    this.#commands.trouble()
    if (!this.#isUp) return
    this.#isUp = false
    this.#downSince = performance.now()
    this.#options.log.warn(
      { ...errorFields(error), connection: this.#options.name },
      'redis connection lost',
    )
  }

  /** A black-holed connection, or one that never gets through its greetings, shows in no other way. */
  #look(): void {
    const now = performance.now()
    const isStuck = this.#client.isReady
      ? this.#commands.silentMs > hopelessMs
      : now - this.#downSince > hopelessMs
    if (isStuck) this.replace()
  }
}

interface Subscription {
  readonly channel: string
  readonly receive: (message: Buffer) => void
}

const watchMs = 1_000
const hopelessMs = 5_000
const connectMs = 2_000
const longestPauseMs = 1_000
/** Many commands fail at once, and the name may lead to the same server for a while. */
const againMs = 1_000

/** A replica since the failover, or one that has only just started. */
const isOfWrongServer = (error: unknown): boolean =>
  error instanceof Error && /\b(?:READONLY|MASTERDOWN|LOADING)\b/.test(error.message)

type Client = ReturnType<typeof newClient>

const newClient = ({ url, name }: { readonly url: string; readonly name: string }) =>
  createClient({
    url,
    name,
    RESP: 2,
    disableOfflineQueue: true,
    // Costs an AbortSignal for each command, five times what a command costs; we keep our own time.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (retries) =>
        Math.min(25 * 2 ** Math.min(retries, 6), longestPauseMs) * (0.5 + Math.random()),
    },
  })

const abandon = (client: Client): void => {
  if (client.isOpen) client.destroy()
}
