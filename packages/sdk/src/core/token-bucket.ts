import type { Millis } from '@skein/protocol'

/** Refills by the time, up to its size. */
export interface TokenBucket {
  readonly tokens: number
  readonly at: Millis
}

export interface BucketLimits {
  readonly perSecond: number
  readonly size: number
}

export const fullBucket = ({ size }: BucketLimits, now: Millis): TokenBucket => ({
  tokens: size,
  at: now,
})

/** One token, and the bucket after it; or how long until there is one. */
export const takeToken = (
  { tokens, at }: TokenBucket,
  { perSecond, size }: BucketLimits,
  now: Millis,
): { readonly bucket: TokenBucket; readonly waitMs: Millis } => {
  const filled = Math.min(size, tokens + (Math.max(0, now - at) * perSecond) / 1_000)
  return filled >= 1
    ? { bucket: { tokens: filled - 1, at: now }, waitMs: 0 }
    : { bucket: { tokens: filled, at: now }, waitMs: Math.ceil(((1 - filled) * 1_000) / perSecond) }
}
