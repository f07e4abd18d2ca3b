import type { ClientSignalMessage, Limits, Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import * as limits from './limits.ts'

/** Signals on their way to the server: in order, no faster than it takes them. */
export interface Pacer {
  readonly add: (message: ClientSignalMessage) => void
  /** Sends from now on, as fast as these limits allow. */
  readonly open: (limits: Limits) => void
  /** The server asks for a pause. */
  readonly pause: (ms: Millis) => void
  /** What waits is of no use any more. */
  readonly clear: () => void
}

/** A tenth below, as the clocks of both sides and the network do not agree to the tick. */
const caution = 0.9

/** What `send` does not take waits for the next `open`. */
export const createPacer = (
  clock: Clock,
  send: (message: ClientSignalMessage) => boolean | undefined,
): Pacer => {
  const alarm = createTimer(clock)
  let queue: ClientSignalMessage[] = []
  let tokenMs: Millis = 0
  let burstMs: Millis = 0
  /** When the server's bucket of tokens is full again: each signal puts it off by one token. */
  let fullAt = 0

  const pump = () => {
    const [message] = queue
    // Whole milliseconds: what is left of a fraction would be a timer that gets nowhere.
    const waitMs = Math.ceil(fullAt - clock.now() - burstMs)
    if (!message || !tokenMs) return
    if (waitMs > 0) alarm(waitMs, pump)
    else if (send(message)) {
      fullAt = Math.max(fullAt, clock.now()) + tokenMs
      queue.shift()
      pump()
    }
  }
  return {
    add: (message) => {
      // The oldest is the stalest.
      queue = [...queue, message].slice(-limits.queued)
      pump()
    },
    open: ({ signalsPerSecond, signalsBurst }) => {
      tokenMs = 1_000 / (signalsPerSecond * caution)
      burstMs = (signalsBurst * caution - 1) * tokenMs
      fullAt = 0
      pump()
    },
    pause: (ms) => {
      fullAt = Math.max(fullAt, clock.now() + burstMs + ms)
    },
    clear: () => {
      queue = []
      alarm()
    },
  }
}
