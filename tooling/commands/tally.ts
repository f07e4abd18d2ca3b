/** The result of one test runner's JSON report. */
export interface Report {
  readonly passed: number
  readonly failures: readonly string[]
}

/** One turbo task that ran or could not run. */
export interface Task {
  readonly id: string
  readonly kind: string
  readonly succeeded: boolean
}

/** A workspace package: its tasks and its test reports. */
export interface Package {
  readonly name: string
  readonly tasks: readonly Task[]
  readonly reports: readonly Report[]
}

/** The totals of all packages, with one line for each failure. */
export interface Tally {
  readonly passed: number
  readonly failures: readonly string[]
}

/**
 * Adds up the results. A task that failed without a failed test counts as one failure. So does a
 * test task without a report, because a missing report is not a success.
 */
export function tally(packages: readonly Package[]): Tally {
  const failures = packages.flatMap(failuresOf)
  const reports = packages.flatMap((one) => one.reports)
  const passed = reports.reduce((sum, report) => sum + report.passed, 0)
  if (passed === 0 && failures.length === 0) failures.push('no test ran')
  return { passed, failures }
}

/** Whether a task runs tests, such as `test` and `test:browser`. */
export function runsTests({ kind }: { readonly kind: string }): boolean {
  return /^test(:|$)/.test(kind)
}

function failuresOf({ name, tasks, reports }: Package): string[] {
  const failedTests = reports.flatMap((report) => report.failures.map((test) => `${name}: ${test}`))
  const failedTasks = tasks
    // A failed test is already listed: its task is not listed as well.
    .filter((task) => !task.succeeded && !(runsTests(task) && failedTests.length > 0))
    .map((task) => `${task.id} failed`)
  return [...failedTests, ...failedTasks, ...missingResultsOf({ name, tasks, reports })]
}

function missingResultsOf({ name, tasks, reports }: Package): string[] {
  const runs = tasks.filter((task) => runsTests(task) && task.succeeded).length
  const missing = reports
    .filter((report) => report.passed === 0 && report.failures.length === 0)
    .map(() => `${name}: a report without tests`)
  if (reports.length < runs) missing.push(`${name}: ${runs} test tasks, ${reports.length} reports`)
  return missing
}
