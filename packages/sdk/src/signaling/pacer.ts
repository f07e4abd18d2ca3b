import type { ClientSignalMessage, Limits, Millis } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import * as limits from './limits.ts'

/** Signals on their way to the server: in order, no faster than it takes them. */
export interface Pacer {
  readonly add: (message: ClientSignalMessage) => void
  /** Sends from now on, as fast as these limits allow; `null` stops. */
  readonly open: (limits: Limits | null) => void
  /** The server asks for a pause. */
  readonly pause: (ms: Millis) => void
  /** What waits is of no use any more. */
  readonly clear: () => void
}

/** A tenth below, as the clocks of both sides and the network do not agree to the tick. */
const caution = 0.9

export const createPacer = (clock: Clock, send: (message: ClientSignalMessage) => void): Pacer => {
  let queue: ClientSignalMessage[] = []
  let allowed: Limits | null = null
  /** When the server's bucket of tokens is full again: each signal puts it off by one token. */
  let fullAt = 0
  let cancel: (() => void) | null = null

  const pump = () => {
    const [message] = queue
    if (!message || !allowed || cancel) return
    const tokenMs = 1_000 / (allowed.signalsPerSecond * caution)
    const wait = fullAt - clock.now() - (allowed.signalsBurst * caution - 1) * tokenMs
    // Whole milliseconds: what is left of a fraction would be a timer that gets nowhere.
    if (wait > 0) return pause(Math.ceil(wait))
    fullAt = Math.max(fullAt, clock.now()) + tokenMs
    queue.shift()
    send(message)
    pump()
  }
  const resume = () => {
    cancel?.()
    cancel = null
    pump()
  }
  const pause = (ms: Millis) => {
    cancel?.()
    cancel = clock.after(ms, resume)
  }
  return {
    add: (message) => {
      // The oldest is the stalest.
      queue = [...queue, message].slice(-limits.queued)
      pump()
    },
    open: (next) => {
      allowed = next
      fullAt = 0
      resume()
    },
    pause,
    clear: () => {
      queue = []
    },
  }
}
