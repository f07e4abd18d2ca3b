import type { Millis } from '@skein/protocol'

const firstMs = 500
const maxMs = 30_000
/** A restarted server waits 5 s for the members of a room. */
const maxSoonMs = 3_000
/** A host keeps its role if it reconnects within its grace period (5 s), also after a 3 s outage. */
const maxEarlyMs = 1_000
/** They take about 8 s: longer than the host's grace period, a little less than a member's. */
const earlyAttempts = 16
/**
 * They take about a minute. A server that is away for longer is spared the load: the first member of
 * a room that reaches it tells the others.
 */
const patientAttempts = 50

export interface BackoffInput {
  /** Attempts that failed in a row. */
  readonly failures: number
  /** Random number from 0 to 1. */
  readonly chance: number
}

/**
 * The delay before the next attempt: exponential, capped, with full jitter, so that the clients of
 * a crashed server do not all reconnect at once.
 */
export const backoffMs = ({ failures, chance }: BackoffInput): Millis => {
  const lateMs = maxSoonMs * 2 ** Math.max(0, failures - patientAttempts)
  const limitMs = failures < earlyAttempts ? maxEarlyMs : Math.min(maxMs, lateMs)
  return Math.min(limitMs, firstMs * 2 ** failures) * chance
}
