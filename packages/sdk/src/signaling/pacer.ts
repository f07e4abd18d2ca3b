import type { ClientSignalMessage, Limits, Millis } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { type BucketLimits, fullBucket, takeToken } from '../core/token-bucket.ts'
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

export const createPacer = (clock: Clock, send: (message: ClientSignalMessage) => void): Pacer => {
  const queue: ClientSignalMessage[] = []
  let allowed: BucketLimits | null = null
  let bucket = { tokens: 0, at: 0 }
  let cancel: (() => void) | null = null

  const pump = () => {
    while (allowed && !cancel && queue.length > 0) {
      const { bucket: left, waitMs } = takeToken(bucket, allowed, clock.now())
      bucket = left
      if (waitMs > 0) return pause(waitMs)
      const message = queue.shift()
      if (message) send(message)
    }
  }
  const pause = (ms: Millis) => {
    cancel?.()
    cancel = clock.after(ms, () => {
      cancel = null
      pump()
    })
  }
  return {
    add: (message) => {
      // The oldest is the stalest.
      if (queue.length >= limits.queued) queue.shift()
      queue.push(message)
      pump()
    },
    open: (next) => {
      cancel?.()
      cancel = null
      // A tenth below, as the clocks of both sides and the network do not agree to the tick.
      allowed = next && { perSecond: next.signalsPerSecond * 0.9, size: next.signalsBurst * 0.9 }
      if (allowed) bucket = fullBucket(allowed, clock.now())
      pump()
    },
    pause,
    clear: () => {
      queue.length = 0
    },
  }
}
