import type { Millis } from '@skein/protocol'

const firstMs = 500
const longestMs = 30_000
/** A mesh that lives on its own wants its server back soon: new members find it only there. */
const longestWithLinksMs = 3_000

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
  const longest = hasOpenLinks ? longestWithLinksMs : longestMs
  return Math.min(longest, firstMs * 2 ** Math.min(failures, 10)) * chance
}
