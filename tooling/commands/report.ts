import type { Report } from './tally.ts'

/** Reads the JSON report of vitest or of Playwright Test, whichever it is. */
export function readReport(json: string): Report {
  const report: VitestReport | PlaywrightReport = JSON.parse(json)
  return 'stats' in report ? fromPlaywright(report) : fromVitest(report)
}

/** The part of it that counts; vitest's reporter follows Jest's. */
interface VitestReport {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number }
  readonly suites: readonly PlaywrightSuite[]
  readonly errors: readonly { readonly message?: string }[]
}

interface PlaywrightSuite {
  readonly title: string
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly tests: readonly { readonly status: string }[]
  }[]
}

function fromVitest({ success, testResults }: VitestReport): Report {
  const tests = testResults.flatMap((file) => file.assertionResults)
  const failures = tests
    .filter(({ status }) => status !== 'passed')
    .map(({ fullName, status }) => line(fullName, status))
  // A file that does not even load has no tests to fail.
  for (const { name, status, assertionResults } of testResults) {
    if (status !== 'passed' && assertionResults.length === 0) failures.push(line(name, status))
  }
  if (!success && failures.length === 0) failures.push('the run failed outside of its tests')
  return { passed: tests.filter(({ status }) => status === 'passed').length, failures }
}

/** `flaky` (passed at a second try) and `skipped` are failures here as much as `unexpected` is. */
function fromPlaywright({ stats, suites, errors }: PlaywrightReport): Report {
  const failures = suites.flatMap(failuresOf)
  for (const { message } of errors) failures.push(message?.split('\n')[0] ?? 'an error')
  return { passed: stats.expected, failures }
}

function failuresOf({ title, suites = [], specs }: PlaywrightSuite): string[] {
  const own = specs.flatMap((spec) =>
    spec.tests
      .filter(({ status }) => status !== 'expected')
      .map(({ status }) => line(`${title} › ${spec.title}`, status)),
  )
  return [...own, ...suites.flatMap(failuresOf)]
}

/** `failed` goes without saying; that a test was skipped or flaky does not. */
function line(name: string, status: string): string {
  return status === 'failed' || status === 'unexpected' ? name : `${name} (${status})`
}
