import { expect, test } from 'vitest'
import { type Package, tally } from './tally.ts'

const passing: Package = {
  name: 'packages/a',
  tasks: [
    { id: 'a#test', kind: 'test', succeeded: true },
    { id: 'a#build', kind: 'build', succeeded: true },
  ],
  reports: [{ passed: 3, failures: [] }],
}
const passingExcept = (change: Partial<Package>): Package => ({ ...passing, ...change })

test('the passed tests of all packages are added up', () => {
  expect(tally([passing, passing])).toEqual({ passed: 6, failures: [] })
})

test('a failed test is named, and its task is not counted as well', () => {
  const tasks = [{ id: 'a#test', kind: 'test', succeeded: false }]
  const reports = [{ passed: 2, failures: ['adds up'] }]
  expect(tally([passingExcept({ tasks, reports })])).toEqual({
    passed: 2,
    failures: ['packages/a: adds up'],
  })
})

test('a task that fails without a failed test counts as one failure', () => {
  const tasks = [...passing.tasks, { id: 'a#typecheck', kind: 'typecheck', succeeded: false }]
  expect(tally([passingExcept({ tasks })]).failures).toEqual(['a#typecheck failed'])
})

test('a test task without a report is a failure', () => {
  const browser = { id: 'a#test:browser', kind: 'test:browser', succeeded: true }
  const tasks = [...passing.tasks, browser]
  expect(tally([passingExcept({ tasks })]).failures).toEqual([
    'packages/a: 2 test tasks, 1 reports',
  ])
})

test('a report without tests is a failure', () => {
  const reports = [{ passed: 0, failures: [] }]
  expect(tally([passing, passingExcept({ reports })]).failures).toEqual([
    'packages/a: a report without tests',
  ])
})

test('a run without any test is a failure', () => {
  expect(tally([])).toEqual({ passed: 0, failures: ['no test ran'] })
})
