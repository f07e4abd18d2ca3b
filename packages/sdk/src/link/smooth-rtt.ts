import type { Millis } from '@skein/protocol'

/**
 * Smooths a round trip; `null` if it does not differ noticeably from the one before. Load and queues
 * only ever lengthen a round trip, most of all while a link opens: a shorter sample replaces the
 * average.
 */
export const smoothRtt = (reportedMs: Millis | null, sampleMs: Millis): Millis | null => {
  const before = reportedMs ?? 1e9
  const next = Math.max(0, Math.min(sampleMs, (before * 3 + sampleMs) / 4))
  return Math.abs(next - before) > 1 + before / 10 ? Math.round(next * 10) / 10 : null
}
