// `pnpm test`: runs every check and every test, and ends with one line of totals over all runners.
import { availableParallelism } from 'node:os'
import { isInstalled } from '@skein/needs'
import { externals, notRun } from './externals.ts'
import { root, run } from './run.ts'
import { deleteReports, readTasks, type TaskRun, toPackages } from './summary.ts'
import { tally } from './tally.ts'
import { turbo } from './turbo.ts'

const browser = { file: process.execPath, args: ['tooling/browser/ensure.ts'] }
const quick = ['check', 'knip', 'build', 'typecheck', 'size']
// One at a time: each test runner uses all cores, and some tests measure time.
const tests = ['test', 'test:browser', 'test:e2e']
const turboOptions = [
  // Goes on after a failure, to report all of them.
  '--continue=dependencies-successful',
  '--summarize',
  '--log-order=grouped',
  '--output-logs=new-only',
]

process.exitCode = await test()

async function test(): Promise<number> {
  deleteReports()
  // It has printed why. Without a browser, most tests would fail for the same reason.
  if ((await run(browser)) !== 0) return 1
  const programs = externals(root)
  // Part of turbo's cache key: once a program is installed, the tests that need it run.
  process.env.TEST_EXTERNALS = programs
    .map(({ program }) => program)
    .filter(isInstalled)
    .join(' ')
  const codes = [
    await run(turbo([...quick, `--concurrency=${availableParallelism()}`, ...turboOptions])),
    await run(turbo([...tests, '--concurrency=1', ...turboOptions])),
  ]
  const tasks = readTasks()
  const { passed, failures } = tally(toPackages(tasks))
  const failed = failures.length === 0 && codes.some((code) => code !== 0) ? 1 : failures.length
  console.log(['', ...tasks.map(describe), '', ...failures.map((line) => `✗ ${line}`)].join('\n'))
  for (const line of notRun(programs)) console.log(line)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function describe({ id, succeeded, isCached, seconds }: TaskRun): string {
  const time = isCached ? 'cached' : seconds === null ? 'not run' : `${seconds.toFixed(1)} s`
  return `${succeeded ? '✓' : '✗'} ${id} ${time}`
}
