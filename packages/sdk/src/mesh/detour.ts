import type { Millis } from '@skein/protocol'
import * as limits from './limits.ts'

/** What is known of a link when it is looked at. */
export interface Trouble {
  readonly now: Millis
  /** Since when the path is broken; `null` if it works. */
  readonly brokenSince: Millis | null
  /** It goes through a member. */
  readonly isVia: boolean
  readonly wasOpen: boolean
  readonly isPolite: boolean
  /** The server cannot bring a signal to the peer. */
  readonly isCutOff: boolean
  /** When the first attempt was answered; `null` if none was. */
  readonly answeredAt: Millis | null
  /** A path through a member has just ended. */
  readonly hasLostVia: boolean
}

/** What to do for a link. */
export interface Detour {
  /** Neighbors are asked whether they reach the peer. */
  readonly isSought: boolean
  /** Signals go through neighbors as well. */
  readonly isCarried: boolean
  /** The data may go through a neighbor. */
  readonly isViaDue: boolean
}

const none: Detour = { isSought: false, isCarried: false, isViaDue: false }

/**
 * Decides when others are asked to help a link. A link that opens or heals in time asks nobody: in a
 * room of 16 that is just forming, every signal would otherwise travel four times.
 */
export const detourFor = (trouble: Trouble): Detour => {
  const { now, brokenSince, isVia, wasOpen, isCutOff } = trouble
  if (isVia && brokenSince === null) {
    return { isSought: true, isCarried: isCutOff, isViaDue: false }
  }
  if (brokenSince === null) return none
  const isUrgent = wasOpen || isCutOff
  return {
    isSought: isUrgent || now - brokenSince >= limits.seekMs,
    isCarried: isUrgent || now - brokenSince >= limits.carryMs,
    isViaDue: now >= viaAt(trouble, brokenSince),
  }
}

const viaAt = (
  { wasOpen, isPolite, answeredAt, hasLostVia }: Trouble,
  brokenSince: Millis,
): Millis => {
  const politeMs = isPolite ? 0 : limits.impoliteMs
  if (hasLostVia) return brokenSince + politeMs
  if (wasOpen) return brokenSince + limits.brokenViaMs + politeMs
  const answeredMs = (answeredAt ?? Infinity) + limits.noPairMs
  return Math.min(brokenSince + limits.firstViaMs, answeredMs) + politeMs
}
