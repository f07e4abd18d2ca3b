import type { ErrorCode } from '../errors.ts'

/** Why a text is no message of the protocol. */
export interface DecodeFailure {
  readonly code: ErrorCode
  /** Plain English; names the message and the field where they are known. */
  readonly message: string
  /** The `type` of the message; `null` when there is none that is known. */
  readonly about: string | null
}
