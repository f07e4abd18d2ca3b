import type { Millis } from '@skein/protocol'

/** Tracks commands that wait for a reply. All have the same timeout, so one timer is enough. */
export class CommandQueue {
  readonly #timeoutMs: Millis
  #pending: PendingCommand[] = []
  #timer: NodeJS.Timeout | undefined
  #lastReplyAt = performance.now()
  #unanswered = 0
  #healthySince: number | null = null
  #recoveredAt: number | null = null

  constructor({ timeoutMs }: { readonly timeoutMs: Millis }) {
    this.#timeoutMs = timeoutMs
  }

  get healthySince(): number | null {
    return this.#healthySince
  }

  get recoveredAt(): number | null {
    return this.#recoveredAt
  }

  /** How long commands have been pending without any reply. */
  get silentMs(): Millis {
    return this.#unanswered === 0 ? 0 : performance.now() - this.#lastReplyAt
  }

  /** Resolves with the reply; rejects when it does not come in time. */
  track<Reply>(reply: Promise<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const command: PendingCommand = { until: performance.now() + this.#timeoutMs, reject }
      if (this.#unanswered === 0) this.#lastReplyAt = performance.now()
      this.#unanswered += 1
      this.#pending.push(command)
      this.#timer ??= setTimeout(() => this.#expire(), this.#timeoutMs)
      reply.then(
        (value) => {
          this.#onReply(command)
          resolve(value)
        },
        (error) => {
          this.#unanswered -= 1
          command.reject = null
          reject(error)
        },
      )
    })
  }

  /** Records a failure; the next reply in time ends it. */
  markUnhealthy(): void {
    this.#healthySince = null
    this.#recoveredAt = null
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { reject } of this.#pending) reject?.(new Error('The connection is closed.'))
    this.#pending = []
  }

  #onReply(command: PendingCommand): void {
    const now = performance.now()
    this.#unanswered -= 1
    this.#lastReplyAt = now
    if (this.#healthySince === null && command.reject !== null) {
      this.#healthySince = now
      this.#recoveredAt = now
    }
    command.reject = null
  }

  #expire(): void {
    const now = performance.now()
    const next = this.#pending.findIndex(({ until, reject }) => reject !== null && until > now)
    const expired = next === -1 ? this.#pending : this.#pending.slice(0, next)
    this.#pending = next === -1 ? [] : this.#pending.slice(next)
    for (const command of expired) {
      if (command.reject === null) continue
      this.markUnhealthy()
      command.reject(new Error('Redis did not answer in time.'))
      command.reject = null
    }
    const [oldest] = this.#pending
    this.#timer =
      oldest === undefined ? undefined : setTimeout(() => this.#expire(), oldest.until - now)
  }
}

interface PendingCommand {
  readonly until: number
  /** `null` once the command is settled. */
  reject: ((error: Error) => void) | null
}
