import { errorEntries, type SkeinErrorCode } from '@skein/protocol'
import { expect, test } from 'vitest'
import { SkeinError } from './errors.ts'

const codes = Object.keys(errorEntries) as SkeinErrorCode[]

test.each(codes)('%s is as retryable as the catalogue says', (code) => {
  expect(new SkeinError(code).retryable).toBe(errorEntries[code].retryable)
})

test('an error carries code, words and cause', () => {
  const cause = new Error('below')
  const error = new SkeinError('connect-failed', { message: 'No server.', cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ code: 'connect-failed', message: 'No server.', cause })
  expect(new SkeinError('timeout').message).toBe('timeout')
})
