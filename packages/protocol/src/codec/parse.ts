import type { Result } from '../result.ts'
import type { DecodeFailure } from './failure.ts'

/** A JSON object with a `type`, before any other check. */
export interface Untrusted {
  readonly type: string
  readonly [field: string]: unknown
}

/** Parses a frame as a JSON object with a `type`. */
export const parse = (text: string): Result<Untrusted, DecodeFailure> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return failure('The frame is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failure('The frame is not a JSON object.')
  }
  if (!('type' in value) || typeof value.type !== 'string') {
    return failure('The message has no type.')
  }
  return { ok: true, value: value as Untrusted }
}

/** The result for a frame that is not a valid message. */
export const failure = (
  message: string,
  about: string | null = null,
): Result<never, DecodeFailure> => ({ ok: false, error: { code: 'bad-message', message, about } })
