import type { SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'

export type CloseReport = Pick<CloseEvent, 'code' | 'reason'>

/** What the platform reports for a connection that broke. */
export const abnormalClose: CloseReport = { code: 1006, reason: '' }

/** For a close without an `error` message before it. A reason given with a kick takes precedence. */
export const closeError = ({ code: closeCode, reason }: CloseReport): SkeinError => {
  const otherwise = `The server closed with code ${closeCode}.`
  const [code, message = otherwise] = closeErrors[closeCode - 4500] ?? ['connect-failed']
  return new SkeinError(code, { message: reason || message })
}

/** By close code, from 4500. */
const closeErrors: readonly (readonly [code: SkeinErrorCode, message?: string])[] = [
  ['bad-message'],
  ['unauthorized'],
  ['closed', 'A newer connection took over.'],
  ['closed', 'The server removed this peer.'],
  ['rate-limited'],
]

/** The time limit for the first welcome has passed. `hasFailed`: no attempt reached the server. */
export const joinError = (hasFailed: boolean): SkeinError =>
  hasFailed
    ? new SkeinError('connect-failed', {
        message: 'Check the URL, and that the server is running.',
      })
    : new SkeinError('timeout', { message: 'The server did not answer in time.' })
