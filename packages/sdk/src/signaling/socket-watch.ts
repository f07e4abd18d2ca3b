import type { Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import * as limits from './limits.ts'

export interface SocketWatchOptions {
  readonly clock: Clock
  /** Whether the room is in use: a dead socket is then noticed within 3 s. */
  readonly isBusy: () => boolean
  readonly ping: () => void
  /** The socket may be dead: another one is needed, beside it. Called at every check. */
  readonly doubted: () => void
  /** Nothing comes any more. Called at every check. */
  readonly silent: () => void
  /** The socket is dead. */
  readonly lost: () => void
}

/** Watches whether the socket in use is alive. */
export interface SocketWatch {
  /** Something has arrived. */
  readonly heard: () => void
  /** Pings now. `isUrgent`: a link is silent too, so a slow answer is suspicious. */
  readonly check: (isUrgent: boolean) => void
  readonly stop: () => void
}

/** Starts at once. */
export const watchSocket = (options: SocketWatchOptions): SocketWatch => {
  const { clock, isBusy } = options
  const timer = createTimer(clock)
  let heardAt = clock.now()
  let pingedAt: Millis | null = null
  let doubtMs = limits.silentMs

  const look = () => {
    const idleMs = isBusy() ? limits.busyIdleMs : limits.idleMs
    if (clock.now() - heardAt >= idleMs) ping()
    if (pingedAt === null) lookAgainIn(limits.busyIdleMs)
    else act(clock.now() - pingedAt)
  }
  const act = (waitedMs: Millis) => {
    const next = steps().find(([ms]) => ms > waitedMs)
    if (next) lookAgainIn(next[0] - waitedMs)
    for (const [ms, step] of steps()) if (waitedMs >= ms) step()
  }
  /** What follows when a ping has been unanswered for so long. */
  const steps = () =>
    [
      [doubtMs, options.doubted],
      [limits.silentMs, options.silent],
      [limits.lostMs, options.lost],
    ] as const
  const lookAgainIn = (delayMs: Millis) => {
    const due = clock.now() + delayMs
    timer(delayMs, () => {
      // Hidden or sleeping pages run timers late. The delay does not count as silence.
      const lateMs = clock.now() - due
      heardAt += lateMs
      if (pingedAt !== null) pingedAt += lateMs
      look()
    })
  }
  const ping = () => {
    if (pingedAt !== null) return
    pingedAt = clock.now()
    options.ping()
  }
  look()
  return {
    heard: () => {
      heardAt = clock.now()
      pingedAt = null
      doubtMs = limits.silentMs
    },
    check: (isUrgent) => {
      if (isUrgent) doubtMs = limits.doubtMs
      ping()
      look()
    },
    stop: timer,
  }
}
