import type { Millis } from '@skein/protocol'
import type { Clock } from './clock.ts'
import { createTimer } from './restartable-timer.ts'

export interface LivenessOptions {
  readonly clock: Clock
  /** With nothing heard for so long, the other side is asked for a sign of life, … */
  readonly idleMs: Millis
  /** … and is silent when nothing was heard for so long. */
  readonly silenceMs: Millis
  /** Asked outright, it answers within this. */
  readonly probeMs: Millis
  readonly ping: () => void
  /** Called at every look while it is silent. */
  readonly silent: () => void
}

export interface Liveness {
  /** Anything that arrived is proof of life. */
  readonly heard: () => void
  /** Asks now, and expects an answer soon. */
  readonly probe: () => void
  readonly stop: () => void
}

/** Until something is heard it is asked this often: the first answer ends a repair. */
const pingMs: Millis = 500

/** Whether the other side of a path lives. Starts watching at once. */
export const watchLiveness = (options: LivenessOptions): Liveness => {
  const { clock, idleMs, silenceMs } = options
  const alarm = createTimer(clock)
  let silentAt = 0

  const heard = () => {
    silentAt = clock.now() + silenceMs
  }
  const look = () => {
    const leftMs = silentAt - clock.now()
    const idleInMs = leftMs - silenceMs + idleMs
    const due = clock.now() + (idleInMs > 0 ? idleInMs : pingMs)
    alarm(due - clock.now(), () => {
      // Timers of a hidden or sleeping page come late: that time nobody listened, so it is no silence.
      silentAt += clock.now() - due
      look()
    })
    if (idleInMs <= 0) options.ping()
    if (leftMs <= 0) options.silent()
  }
  heard()
  look()
  return {
    heard,
    probe: () => {
      silentAt = Math.min(silentAt, clock.now() + options.probeMs)
      look()
    },
    stop: alarm,
  }
}
