import { errorEntries, type SkeinErrorCode } from '@skein/protocol'
import { expect, test } from 'vitest'
import { SkeinError } from './errors.ts'

const codes = Object.keys(errorEntries) as SkeinErrorCode[]

test.each(codes)('%s has the `retryable` flag of the catalogue', (code) => {
  expect(new SkeinError(code).retryable).toBe(errorEntries[code].retryable)
})

test('an error has a code, a message and a cause', () => {
  const cause = new Error('below')
  const error = new SkeinError('connect-failed', { message: 'No server.', cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ code: 'connect-failed', message: 'No server.', cause })
  expect(new SkeinError('timeout').message).toBe('timeout')
})
