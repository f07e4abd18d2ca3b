import { setImmediate } from 'node:timers'
import type { Millis } from '@skein/protocol'

/** Time for rooms and stores. Tests replace it by a virtual one, so that every run is reproducible. */
export interface Timers {
  /** A monotonic clock. */
  readonly now: () => Millis
  /** Runs `task` once; returns a function that cancels it. Does not keep the process running. */
  readonly after: (delayMs: Millis, task: () => void) => () => void
  /** Runs `task` once every socket that is readable now has been read. */
  readonly soon: (task: () => void) => void
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref()
    return () => clearTimeout(timer)
  },
  soon: (task) => void setImmediate(task),
}
