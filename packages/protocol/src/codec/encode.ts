import { type ErrorCode, errorCatalogue } from '../errors.ts'
import type { Millis } from '../ids.ts'
import type { ClientMessage, ErrorMessage, ServerMessage } from '../messages.ts'

/** Encodes a message as the text of one frame. */
export const encode = (message: ClientMessage | ServerMessage): string => JSON.stringify(message)

/** What `errorMessage` needs. */
export interface ErrorMessageOptions {
  readonly code: ErrorCode
  /** Replaces the sentence of the error catalogue. */
  readonly message?: string
  readonly retryAfterMs?: Millis
  /** The `type` of the frame that caused the error; `null` when it is not known. */
  readonly about: string | null
}

/** Creates an `error` message, with sentence and `retryable` from the error catalogue. */
export const errorMessage = (options: ErrorMessageOptions): ErrorMessage => ({
  type: 'error',
  code: options.code,
  message: options.message ?? errorCatalogue[options.code].message,
  retryable: errorCatalogue[options.code].retryable,
  retryAfterMs: options.retryAfterMs ?? null,
  about: options.about,
})
