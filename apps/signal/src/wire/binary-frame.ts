import type { DecodeFailure, Result } from '@skein/protocol'

/** What a frame that is not text decodes to. */
export const binaryFrame: Extract<Result<never, DecodeFailure>, { ok: false }> = {
  ok: false,
  error: { code: 'bad-message', message: 'A frame must be text, not binary.', about: null },
}
