import type { Millis } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import * as limits from './limits.ts'

export interface KnockerOptions {
  readonly clock: Clock
  /** Whether the server answers. Never rejects. */
  readonly knock: () => Promise<boolean>
  readonly isNeeded: () => boolean
  /** The server has answered a knock of that time. */
  readonly answered: (knockedAt: Millis) => void
}

/**
 * Asks again and again whether the server is back. A page cannot do that with sockets: browsers take
 * seconds to give one up, open one at a time, and slow down a page whose sockets fail.
 */
export interface Knocker {
  /** Goes on for as long as it is needed. */
  readonly start: () => void
  readonly stop: () => void
}

export const createKnocker = ({ clock, knock, isNeeded, answered }: KnockerOptions): Knocker => {
  const timer = createTimer(clock)
  let isKnocking = false
  let count = 0

  const next = () => {
    isKnocking = isNeeded()
    if (!isKnocking) return
    // They do not wait for each other: a lost packet costs one of them a second.
    timer(Math.min(limits.maxKnockMs, limits.knockMs * 1.5 ** count), next)
    count += 1
    const knockedAt = clock.now()
    void knock().then((isThere) => isThere && isNeeded() && answered(knockedAt))
  }
  return {
    start: () => {
      if (isKnocking) return
      count = 0
      next()
    },
    stop: () => {
      isKnocking = false
      timer()
    },
  }
}

/** The request itself. A page may not read the answer of an older server: then it says nothing. */
export const knock = async (url: string): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(limits.knockLifeMs)
    return (await fetch(url, { cache: 'no-store', signal })).ok
  } catch {
    return false
  }
}
