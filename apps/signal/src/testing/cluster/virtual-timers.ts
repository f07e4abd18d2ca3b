import type { Timers } from '../../time/timers.ts'

interface Timer {
  readonly dueAt: number
  readonly task: () => void
}

/** Time that passes only when a test says so. Timers fire in the order of their due times. */
export class VirtualTimers implements Timers {
  #now = 1_000_000
  #soon: (() => void)[] = []
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#now

  readonly after = (delayMs: number, task: () => void): (() => void) => {
    const timer = { dueAt: this.#now + Math.max(delayMs, 0), task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  readonly soon = (task: () => void): void => {
    this.#soon.push(task)
  }

  /** Runs what was put off with `soon`; false when there was nothing. */
  runSoon(): boolean {
    const tasks = this.#soon
    this.#soon = []
    for (const task of tasks) task()
    return tasks.length > 0
  }

  /** Moves on to the next timer that is due within `ms`, and fires it; the rest of `ms` is returned. */
  advanceToNext(ms: number): number {
    const end = this.#now + ms
    const next = [...this.#timers].reduce<Timer | null>(
      (first, timer) => (first === null || timer.dueAt < first.dueAt ? timer : first),
      null,
    )
    if (next === null || next.dueAt > end) {
      this.#now = end
      return 0
    }
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.dueAt)
    next.task()
    return end - this.#now
  }
}
