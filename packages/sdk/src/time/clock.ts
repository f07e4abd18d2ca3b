import type { Millis } from '@skein/protocol'

/** The only source of time in the SDK; tests pass a virtual clock. */
export interface Clock {
  /** Monotonic time in ms. */
  readonly now: () => Millis
  /** Runs `task` once; returns a function that cancels it. */
  readonly after: (delayMs: Millis, task: () => void) => () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
