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
const changed = (change: Partial<Package>): Package => ({ ...passing, ...change })

test('tests of all packages are summed', () => {
  expect(tally([passing, passing])).toEqual({ passed: 6, failures: [] })
})

test('a failed test is named, and its task is not counted a second time', () => {
  const tasks = [{ id: 'a#test', kind: 'test', succeeded: false }]
  const reports = [{ passed: 2, failures: ['adds up'] }]
  expect(tally([changed({ tasks, reports })])).toEqual({
    passed: 2,
    failures: ['packages/a: adds up'],
  })
})

test('a task that fails without a failed test is a failure of its own', () => {
  const tasks = [...passing.tasks, { id: 'a#typecheck', kind: 'typecheck', succeeded: false }]
  expect(tally([changed({ tasks })]).failures).toEqual(['a#typecheck failed'])
})

test('a run of tests that leaves no report is a failure', () => {
  const browser = { id: 'a#test:browser', kind: 'test:browser', succeeded: true }
  const tasks = [...passing.tasks, browser]
  expect(tally([changed({ tasks })]).failures).toEqual(['packages/a: 2 test tasks, 1 reports'])
})

test('a report without a test is a failure', () => {
  const reports = [{ passed: 0, failures: [] }]
  expect(tally([passing, changed({ reports })]).failures).toEqual([
    'packages/a: a report without a test',
  ])
})

test('nothing at all is a failure', () => {
  expect(tally([])).toEqual({ passed: 0, failures: ['no test ran at all'] })
})
