import type { ClientSignalMessage, Limits, Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import { maxQueued } from './limits.ts'

/** Sends signals in order, no faster than the server accepts them. */
export interface Pacer {
  readonly add: (message: ClientSignalMessage) => void
  /** Starts sending, within these limits. */
  readonly open: (limits: Limits) => void
  /** Sends nothing for so long, as the server asked. */
  readonly pause: (ms: Millis) => void
  /** Drops what is queued. */
  readonly clear: () => void
}

/** A tenth below the limits: the clocks of both sides and the network are not exact. */
const safetyFactor = 0.9

/** Creates a pacer. When `send` returns `false`, the message waits for the next `open`. */
export const createPacer = (
  clock: Clock,
  send: (message: ClientSignalMessage) => boolean | undefined,
): Pacer => {
  const timer = createTimer(clock)
  let queue: ClientSignalMessage[] = []
  let tokenMs: Millis = 0
  let burstMs: Millis = 0
  /** When the server's token bucket is full again: each signal delays that by one token. */
  let fullAt = 0

  const pump = () => {
    const [message] = queue
    // Whole milliseconds: timers round a fraction down, and would fire too early again and again.
    const waitMs = Math.ceil(fullAt - clock.now() - burstMs)
    if (!message || !tokenMs) return
    if (waitMs > 0) timer(waitMs, pump)
    else if (send(message)) {
      fullAt = Math.max(fullAt, clock.now()) + tokenMs
      queue.shift()
      pump()
    }
  }
  return {
    add: (message) => {
      // Drops the oldest, which is the least useful.
      queue = [...queue, message].slice(-maxQueued)
      pump()
    },
    open: ({ signalsPerSecond, signalsBurst }) => {
      tokenMs = 1_000 / (signalsPerSecond * safetyFactor)
      burstMs = (signalsBurst * safetyFactor - 1) * tokenMs
      fullAt = 0
      pump()
    },
    pause: (ms) => {
      fullAt = Math.max(fullAt, clock.now() + burstMs + ms)
    },
    clear: () => {
      queue = []
      timer()
    },
  }
}
