import type { Millis } from '@skein/protocol'

const firstMs = 500
const longestMs = 30_000
/** A mesh that lives on its own wants its server back soon: new members find it only there. */
const longestWithLinksMs = 3_000
/** A host that is back within its grace (5 s) keeps the role: after an outage of 3 s it must be. */
const longestAtFirstMs = 1_000
/** So many tries take about 8 s, which is beyond the host's grace, and little less than a member's. */
const firstTries = 16

export interface BackoffInput {
  /** Attempts that failed in a row. */
  readonly failures: number
  readonly hasOpenLinks: boolean
  /** From 0 to 1, drawn by the caller. */
  readonly chance: number
}

/**
 * How long to wait before the next attempt: exponential, capped, with full jitter, so that the
 * clients of a server that died do not return in step.
 */
export const backoffMs = ({ failures, hasOpenLinks, chance }: BackoffInput): Millis => {
  const longestOpenMs = failures < firstTries ? longestAtFirstMs : longestWithLinksMs
  return Math.min(hasOpenLinks ? longestOpenMs : longestMs, firstMs * 2 ** failures) * chance
}
