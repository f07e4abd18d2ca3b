import type { Report } from './tally.ts'

/** Parses the JSON report of Vitest or Playwright Test. */
export function readReport(json: string): Report {
  const report: VitestReport | PlaywrightReport = JSON.parse(json)
  return 'stats' in report ? fromPlaywright(report) : fromVitest(report)
}

/** The fields that are read here; the format is that of Jest's reporter. */
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
    .map(({ fullName, status }) => failureOf(fullName, status))
  // A file that does not load has no failed tests.
  for (const { name, status, assertionResults } of testResults) {
    if (status !== 'passed' && assertionResults.length === 0) failures.push(failureOf(name, status))
  }
  if (!success && failures.length === 0) failures.push('the run failed outside its tests')
  return { passed: tests.filter(({ status }) => status === 'passed').length, failures }
}

/** Like `unexpected`, `flaky` (passed on a retry) and `skipped` count as failures. */
function fromPlaywright({ stats, suites, errors }: PlaywrightReport): Report {
  const failures = suites.flatMap(failuresOf)
  for (const { message } of errors) failures.push(message?.split('\n')[0] ?? 'an error')
  return { passed: stats.expected, failures }
}

function failuresOf({ title, suites = [], specs }: PlaywrightSuite): string[] {
  const own = specs.flatMap((spec) =>
    spec.tests
      .filter(({ status }) => status !== 'expected')
      .map(({ status }) => failureOf(`${title} › ${spec.title}`, status)),
  )
  return [...own, ...suites.flatMap(failuresOf)]
}

/** Adds the status to the name, unless the test simply failed. */
function failureOf(name: string, status: string): string {
  return status === 'failed' || status === 'unexpected' ? name : `${name} (${status})`
}
