import type { SkeinErrorCode } from '@skein/protocol'
import type { SkeinErrorShape } from '../api.ts'

/**
 * Which codes may succeed later. Kept as a list, because the whole catalogue, with its words for
 * people, would cost every page a kilobyte; a test holds it to the catalogue.
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

/** What every failed operation rejects with. @see docs/errors.md */
export class SkeinError extends Error implements SkeinErrorShape {
  readonly code: SkeinErrorCode
  /** Whether the same call may succeed later, unchanged. */
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
