/** What one runner's JSON report says. */
export interface Report {
  readonly passed: number
  readonly failures: readonly string[]
}

/** One task of turbo that has run, or could not. */
export interface Task {
  readonly id: string
  readonly kind: string
  readonly succeeded: boolean
}

/** A package of the workspace: its tasks, and the reports that its tests left. */
export interface Package {
  readonly name: string
  readonly tasks: readonly Task[]
  readonly reports: readonly Report[]
}

/** The sum over all packages, with a line for each thing that is wrong. */
export interface Tally {
  readonly passed: number
  readonly failures: readonly string[]
}

/**
 * Sums up. A task that failed without a failed test counts as one failure, and so do tests that
 * left no report: silence is not success.
 */
export function tally(packages: readonly Package[]): Tally {
  const failures = packages.flatMap(failuresOf)
  const reports = packages.flatMap((one) => one.reports)
  const passed = reports.reduce((sum, report) => sum + report.passed, 0)
  if (passed === 0 && failures.length === 0) failures.push('no test ran at all')
  return { passed, failures }
}

/** Is this a task that runs tests, such as `test` and `test:browser`? */
export function runsTests({ kind }: { readonly kind: string }): boolean {
  return /^test(:|$)/.test(kind)
}

function failuresOf({ name, tasks, reports }: Package): string[] {
  const failedTests = reports.flatMap((report) => report.failures.map((test) => `${name}: ${test}`))
  const failedTasks = tasks
    // A failed test names itself: its task need not be named as well.
    .filter((task) => !task.succeeded && !(runsTests(task) && failedTests.length > 0))
    .map((task) => `${task.id} failed`)
  return [...failedTests, ...failedTasks, ...silencesOf({ name, tasks, reports })]
}

function silencesOf({ name, tasks, reports }: Package): string[] {
  const runs = tasks.filter((task) => runsTests(task) && task.succeeded).length
  const silences = reports
    .filter((report) => report.passed === 0 && report.failures.length === 0)
    .map(() => `${name}: a report without a test`)
  if (reports.length < runs) silences.push(`${name}: ${runs} test tasks, ${reports.length} reports`)
  return silences
}
