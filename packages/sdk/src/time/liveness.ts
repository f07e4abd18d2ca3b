import type { Millis } from '@skein/protocol'
import type { Clock } from './clock.ts'
import { createTimer } from './restartable-timer.ts'

export interface LivenessOptions {
  readonly clock: Clock
  /** Time without traffic after which a ping is sent. */
  readonly idleMs: Millis
  /** Time without traffic after which the other side counts as silent. */
  readonly silenceMs: Millis
  /** The same after `probe()`. */
  readonly probeMs: Millis
  readonly ping: () => void
  /** Called at every check while the other side is silent. */
  readonly silent: () => void
}

export interface Liveness {
  /** Call this for anything that arrives: it proves that the other side is alive. */
  readonly onTraffic: () => void
  /** Sends a ping and expects traffic within `probeMs`. */
  readonly probe: () => void
  readonly stop: () => void
}

/** Ping interval while idle. It is short, because the first pong ends a repair. */
const pingMs: Millis = 500

/** Monitors whether the other side of a path is alive. Starts at once. */
export const watchLiveness = (options: LivenessOptions): Liveness => {
  const { clock, idleMs, silenceMs } = options
  const timer = createTimer(clock)
  let silentAt = 0

  const onTraffic = () => {
    silentAt = clock.now() + silenceMs
  }
  const check = () => {
    const leftMs = silentAt - clock.now()
    const idleInMs = leftMs - silenceMs + idleMs
    const due = clock.now() + (idleInMs > 0 ? idleInMs : pingMs)
    timer(due - clock.now(), () => {
      // Hidden or sleeping pages run timers late. The delay does not count as silence.
      silentAt += clock.now() - due
      check()
    })
    if (idleInMs <= 0) options.ping()
    if (leftMs <= 0) options.silent()
  }
  onTraffic()
  check()
  return {
    onTraffic,
    probe: () => {
      silentAt = Math.min(silentAt, clock.now() + options.probeMs)
      check()
    },
    stop: timer,
  }
}
