import type { Millis } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import * as limits from './limits.ts'

export interface LivenessOptions {
  readonly clock: Clock
  readonly ping: () => void
  /** Nothing was heard for too long. Called once, until something is heard again. */
  readonly silent: () => void
}

export interface Liveness {
  /** Anything that arrived is proof of life. */
  readonly heard: () => void
  /** Asks now, and expects an answer soon. */
  readonly probe: () => void
  readonly stop: () => void
}

/** Starts watching at once. */
export const watchLiveness = ({ clock, ping, silent }: LivenessOptions): Liveness => {
  let heardAt = clock.now()
  let patienceMs: Millis = limits.silenceMs
  let isSilent = false
  let cancel = () => {}

  const wait = (delayMs: Millis) => {
    cancel()
    const due = clock.now() + delayMs
    cancel = clock.after(delayMs, () => {
      // Timers of a hidden or sleeping page come late: that time nobody listened, so it is no silence.
      const lateMs = clock.now() - due
      if (lateMs > 500) heardAt += lateMs
      look()
    })
  }
  const look = () => {
    const silenceMs = clock.now() - heardAt
    if (silenceMs >= patienceMs && !isSilent) {
      isSilent = true
      silent()
    }
    const isIdle = silenceMs >= limits.pingAfterMs
    if (isIdle) ping()
    const pingMs = limits.pingAfterMs - (isIdle ? 0 : silenceMs)
    wait(isSilent ? limits.repairPingMs : Math.min(pingMs, patienceMs - silenceMs))
  }
  wait(limits.pingAfterMs)
  return {
    heard: () => {
      heardAt = clock.now()
      patienceMs = limits.silenceMs
      isSilent = false
    },
    probe: () => {
      ping()
      const silenceMs = clock.now() - heardAt
      patienceMs = Math.min(limits.silenceMs, silenceMs + limits.probeMs)
      wait(patienceMs - silenceMs)
    },
    stop: () => cancel(),
  }
}
