import type { Millis } from '@skein/protocol'

/** As PROTOCOL.md says: a ping after 10 s of silence, and 5 s for its answer. */
export const silenceMs: Millis = 15_000
/** More often than a client must, to know what the server has read of what was sent. */
export const pingEveryMs: Millis = 1_000
/** How often a client looks after its connections. */
export const beatMs: Millis = 250

/** Exponential with full jitter, and short: these clients act as if they had links open. */
export function backoffMs(failures: number, chance: number): Millis {
  return Math.min(longestMs, firstMs * 2 ** failures) * chance
}

const firstMs = 500
const longestMs = 1_000
