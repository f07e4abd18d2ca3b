import type { Millis } from '@skein/protocol'
import type { Clock } from './clock.ts'

/** Replaces the timer that is running, if any; without a task, only cancels it. */
export type RestartableTimer = (delayMs?: Millis, task?: () => void) => void

export const createTimer = (clock: Clock): RestartableTimer => {
  let cancel = () => {}
  return (delayMs = 0, task) => {
    cancel()
    if (task) cancel = clock.after(delayMs, task)
  }
}
