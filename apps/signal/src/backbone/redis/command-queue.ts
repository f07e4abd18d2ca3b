import type { Millis } from '@skein/protocol'

/** Commands that wait for their answers, each with the same deadline: one timer is enough. */
export class CommandQueue {
  readonly #deadlineMs: Millis
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #answeredAt = performance.now()
  #unanswered = 0
  #soundSince: number | null = null
  #troubledUntil: number | null = null

  constructor({ deadlineMs }: { readonly deadlineMs: Millis }) {
    this.#deadlineMs = deadlineMs
  }

  get soundSince(): number | null {
    return this.#soundSince
  }

  get troubledUntil(): number | null {
    return this.#troubledUntil
  }

  /** For how long something has been waiting without any answer coming. */
  get silentMs(): Millis {
    return this.#unanswered === 0 ? 0 : performance.now() - this.#answeredAt
  }

  /** The answer; or a rejection, when it does not come in time. */
  track<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { until: performance.now() + this.#deadlineMs, reject }
      if (this.#unanswered === 0) this.#answeredAt = performance.now()
      this.#unanswered += 1
      this.#waiting.push(waiting)
      this.#timer ??= setTimeout(() => this.#expire(), this.#deadlineMs)
      answer.then(
        (value) => {
          this.#answered(waiting)
          resolve(value)
        },
        (error) => {
          this.#unanswered -= 1
          waiting.reject = null
          reject(error)
        },
      )
    })
  }

  /** Something went wrong. */
  trouble(): void {
    this.#soundSince = null
    this.#troubledUntil = null
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { reject } of this.#waiting) reject?.(new Error('The connection is closed.'))
    this.#waiting = []
  }

  #answered(waiting: Waiting): void {
    const now = performance.now()
    this.#unanswered -= 1
    this.#answeredAt = now
    if (this.#soundSince === null && waiting.reject !== null) {
      this.#soundSince = now
      this.#troubledUntil = now
    }
    waiting.reject = null
  }

  #expire(): void {
    const now = performance.now()
    const next = this.#waiting.findIndex(({ until, reject }) => reject !== null && until > now)
    const expired = next === -1 ? this.#waiting : this.#waiting.slice(0, next)
    this.#waiting = next === -1 ? [] : this.#waiting.slice(next)
    for (const waiting of expired) {
      if (waiting.reject === null) continue
      this.trouble()
      waiting.reject(new Error('Redis did not answer in time.'))
      waiting.reject = null
    }
    const [oldest] = this.#waiting
    this.#timer =
      oldest === undefined ? undefined : setTimeout(() => this.#expire(), oldest.until - now)
  }
}

interface Waiting {
  readonly until: number
  /** `null` once it is over. */
  reject: ((error: Error) => void) | null
}
