import type { Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'

/** Sends messages in order, no faster than the server accepts them. */
export interface Pacer<Message> {
  readonly add: (message: Message) => void
  /** Starts sending at this pace, with a full bucket. */
  readonly open: (perSecond: number, burst: number) => void
  /** Sends nothing for so long, as the server asked. */
  readonly pause: (ms: Millis) => void
  /** Drops what is queued. */
  readonly clear: () => void
}

/** A tenth below the limits: the clocks of both sides and the network are not exact. */
const safetyFactor = 0.9

/**
 * Creates a pacer. When `send` returns `false`, the message waits for the next `open`. Beyond
 * `maxQueued` messages, the oldest one is dropped: it is the least useful.
 */
export const createPacer = <Message>(
  clock: Clock,
  maxQueued: number,
  send: (message: Message) => boolean | undefined,
): Pacer<Message> => {
  const timer = createTimer(clock)
  let queue: Message[] = []
  let tokenMs: Millis = 0
  let burstMs: Millis = 0
  /** When the server's token bucket is full again: each message delays that by one token. */
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
      queue = [...queue, message].slice(-maxQueued)
      pump()
    },
    open: (perSecond, burst) => {
      tokenMs = 1_000 / (perSecond * safetyFactor)
      burstMs = (burst * safetyFactor - 1) * tokenMs
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
