import { type ErrorCode, errorCatalogue } from '../errors.ts'
import type { Millis } from '../ids.ts'
import type { ClientMessage, ErrorMessage, ServerMessage } from '../messages.ts'

/** A message as the text of one frame. */
export const encode = (message: ClientMessage | ServerMessage): string => JSON.stringify(message)

export interface ErrorMessageOptions {
  readonly code: ErrorCode
  /** In place of the catalogue's sentence. */
  readonly message?: string
  readonly retryAfterMs?: Millis
  /** The `type` of the frame it answers; `null` when that is not known. */
  readonly about: string | null
}

/** An `error` message with what the catalogue says of its code. */
export const errorMessage = (options: ErrorMessageOptions): ErrorMessage => ({
  type: 'error',
  code: options.code,
  message: options.message ?? errorCatalogue[options.code].message,
  retryable: errorCatalogue[options.code].retryable,
  retryAfterMs: options.retryAfterMs ?? null,
  about: options.about,
})
