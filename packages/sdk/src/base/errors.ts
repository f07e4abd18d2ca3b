import type { SkeinErrorCode } from '@skein/protocol'
import type { SkeinErrorShape } from '../api.ts'

/**
 * The codes of operations that may succeed later. A list, because the whole catalogue with its texts
 * would add a kilobyte to every page; a test compares it with the catalogue.
 */
const retryableCodes: readonly SkeinErrorCode[] = [
  'room-full',
  'peer-unreachable',
  'rate-limited',
  'overloaded',
  'resume-rejected',
  'timeout',
  'queue-full',
  'connect-failed',
]

/** The error with which every failed operation rejects. @see docs/errors.md */
export class SkeinError extends Error implements SkeinErrorShape {
  readonly code: SkeinErrorCode
  /** Whether the same call may succeed later without changes. */
  readonly retryable: boolean

  constructor(
    code: SkeinErrorCode,
    options: { readonly message?: string; readonly cause?: unknown } = {},
  ) {
    super(options.message ?? code, options)
    this.name = 'SkeinError'
    this.code = code
    this.retryable = retryableCodes.includes(code)
  }
}

/** The error code that a peer sent, or `handler-failed` if it does not look like a code. */
export const readErrorCode = (code: unknown): SkeinErrorCode =>
  typeof code === 'string' && /^[a-z-]{1,40}$/.test(code)
    ? (code as SkeinErrorCode)
    : 'handler-failed'
