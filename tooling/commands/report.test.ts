import { expect, test } from 'vitest'
import { readReport } from './report.ts'

const vitest = (status: string, success = status === 'passed') =>
  JSON.stringify({
    success,
    testResults: [
      {
        name: 'a.test.ts',
        status: success ? 'passed' : 'failed',
        assertionResults: [
          { fullName: 'one', status: 'passed' },
          { fullName: 'two', status },
        ],
      },
    ],
  })

const playwright = (status: string, errors: readonly { message: string }[] = []) =>
  JSON.stringify({
    stats: { expected: status === 'expected' ? 2 : 1 },
    suites: [
      {
        title: 'room.spec.ts',
        specs: [{ title: 'one', tests: [{ status: 'expected' }] }],
        suites: [{ title: 'chat', specs: [{ title: 'two', tests: [{ status }] }] }],
      },
    ],
    errors,
  })

test('passed tests are counted', () => {
  expect(readReport(vitest('passed'))).toEqual({ passed: 2, failures: [] })
  expect(readReport(playwright('expected'))).toEqual({ passed: 2, failures: [] })
})

test('failed tests are named', () => {
  expect(readReport(vitest('failed'))).toEqual({ passed: 1, failures: ['two'] })
  expect(readReport(playwright('unexpected'))).toEqual({ passed: 1, failures: ['chat › two'] })
})

test('a skipped test is a failure', () => {
  expect(readReport(vitest('pending', true)).failures).toEqual(['two (pending)'])
  expect(readReport(vitest('todo', true)).failures).toEqual(['two (todo)'])
  expect(readReport(playwright('skipped')).failures).toEqual(['chat › two (skipped)'])
})

test('a test that passes only on a retry is a failure', () => {
  expect(readReport(playwright('flaky')).failures).toEqual(['chat › two (flaky)'])
})

test('a file that does not load is a failure', () => {
  const file = { name: 'a.test.ts', status: 'failed', assertionResults: [] }
  const report = JSON.stringify({ success: false, testResults: [file] })
  expect(readReport(report)).toEqual({ passed: 0, failures: ['a.test.ts'] })
})

test('an error outside any test is a failure', () => {
  const report = readReport(playwright('expected', [{ message: 'no server\nat …' }]))
  expect(report.failures).toEqual(['no server'])
  expect(readReport(vitest('passed', false)).failures).toHaveLength(1)
})
