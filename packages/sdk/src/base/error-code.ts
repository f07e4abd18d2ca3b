import type { SkeinErrorCode } from '@skein/protocol'

/** A code is what the other side says it is, if it looks like one. */
export const readErrorCode = (code: unknown): SkeinErrorCode =>
  typeof code === 'string' && /^[a-z-]{1,40}$/.test(code)
    ? (code as SkeinErrorCode)
    : 'handler-failed'
