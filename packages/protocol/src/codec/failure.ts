import type { ErrorCode } from '../errors.ts'

/** Why a frame is not a valid message. */
export interface DecodeFailure {
  readonly code: ErrorCode
  /** One sentence, with the message type and the field where they are known. */
  readonly message: string
  /** The `type` of the message; `null` when it is not known. */
  readonly about: string | null
}
