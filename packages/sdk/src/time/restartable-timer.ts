import type { Millis } from '@skein/protocol'
import type { Clock } from './clock.ts'

/** Sets its one timer, in place of the one that was set before; without a task, sets none. */
export type RestartableTimer = (delayMs?: Millis, task?: () => void) => void

export const createTimer = (clock: Clock): RestartableTimer => {
  let cancel = () => {}
  return (delayMs = 0, task) => {
    cancel()
    if (task) cancel = clock.after(delayMs, task)
  }
}
