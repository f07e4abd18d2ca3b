import type { Millis } from '@skein/protocol'

/** The one way to time in the SDK: tests pass a virtual one. */
export interface Clock {
  /** Monotonic. */
  readonly now: () => Millis
  /** Runs `task` once; returns what cancels it. */
  readonly after: (delayMs: Millis, task: () => void) => () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
