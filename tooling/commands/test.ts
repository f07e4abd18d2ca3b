// `pnpm test`: every check and every test, closed by one line of totals over all runners.
import { availableParallelism } from 'node:os'
import { isInstalled } from '@skein/needs'
import { externals, notRun } from './externals.ts'
import { root, run } from './run.ts'
import { forget, type Ran, readTasks, toPackages } from './summary.ts'
import { tally } from './tally.ts'
import { turbo } from './turbo.ts'

const browser = { file: process.execPath, args: ['tooling/browser/ensure.ts'] }
const quick = ['check', 'knip', 'build', 'typecheck', 'size']
// Runners use the whole machine by themselves, and some tests measure time: one after the other.
const tests = ['test', 'test:browser', 'test:e2e']
// One failure does not hide another.
const manner = [
  '--summarize',
  '--continue=dependencies-successful',
  '--log-order=grouped',
  '--output-logs=new-only',
]

process.exitCode = await test()

async function test(): Promise<number> {
  forget()
  // It has said why, in one sentence; without a browser the rest would only say it again.
  if ((await run(browser)) !== 0) return 1
  const programs = externals(root)
  // Part of what turbo remembers a result by: with a program installed, its tests run after all.
  process.env.SKEIN_EXTERNALS = programs
    .map(({ program }) => program)
    .filter(isInstalled)
    .join(' ')
  const codes = [
    await run(turbo([...quick, `--concurrency=${availableParallelism()}`, ...manner])),
    await run(turbo([...tests, '--concurrency=1', ...manner])),
  ]
  const tasks = readTasks()
  const { passed, failures } = tally(toPackages(tasks))
  const failed = failures.length === 0 && codes.some((code) => code !== 0) ? 1 : failures.length
  console.log(['', ...tasks.map(describe), '', ...failures.map((line) => `✗ ${line}`)].join('\n'))
  for (const line of notRun(programs)) console.log(line)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function describe({ id, succeeded, isCached, seconds }: Ran): string {
  const time = isCached ? 'cached' : seconds === null ? 'not run' : `${seconds.toFixed(1)} s`
  return `${succeeded ? '✓' : '✗'} ${id} ${time}`
}
