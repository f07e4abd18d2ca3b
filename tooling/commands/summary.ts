import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readReport } from './report.ts'
import { root } from './run.ts'
import type { Package, Task } from './tally.ts'

/** A task as turbo's summary of a run (`--summarize`) tells of it. */
export interface Ran extends Task {
  readonly directory: string
  readonly isCached: boolean
  /** Null when it never started, because what it needs has failed. */
  readonly seconds: number | null
}

const summaries = '.turbo/runs/*.json'
const reports = 'test-results/*.json'

/** Takes away the reports and summaries of earlier runs, so that none is counted twice. */
export function forget(): void {
  const stale = globSync([summaries, `{packages,apps,tooling,examples}/*/${reports}`], {
    cwd: root,
  })
  for (const file of stale) rmSync(join(root, file))
}

/** All tasks since `forget`, but those that had nothing to run. */
export function readTasks(): readonly Ran[] {
  const tasks = globSync(summaries, { cwd: root }).flatMap((file) => {
    const summary: Summary = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return summary.tasks
  })
  return [...uniquely(tasks.filter(({ command }) => command !== '<NONEXISTENT>').map(toRan))]
}

/** The same tasks by package, with the reports that lie there: also those from turbo's cache. */
export function toPackages(tasks: readonly Ran[]): readonly Package[] {
  const byDirectory = Map.groupBy(tasks, ({ directory }) => directory)
  return [...byDirectory].map(([directory, own]) => ({
    name: directory === '' ? 'root' : directory,
    tasks: own,
    reports: globSync(join(directory, reports), { cwd: root }).map((file) =>
      readReport(readFileSync(join(root, file), 'utf8')),
    ),
  }))
}

interface Summary {
  readonly tasks: readonly {
    readonly taskId: string
    readonly task: string
    readonly directory: string
    readonly command: string
    readonly cache: { readonly status: string }
    readonly execution?: {
      readonly startTime: number
      readonly endTime: number
      readonly exitCode: number
    }
  }[]
}

function toRan({ taskId, task, directory, cache, execution }: Summary['tasks'][number]): Ran {
  return {
    id: taskId,
    kind: task,
    directory,
    isCached: cache.status === 'HIT',
    seconds: execution ? (execution.endTime - execution.startTime) / 1000 : null,
    succeeded: execution?.exitCode === 0,
  }
}

/** A build that a later run needs again is brought from the cache: the first time is the one to tell. */
function uniquely(tasks: readonly Ran[]): Iterable<Ran> {
  const byId = new Map<string, Ran>()
  for (const task of tasks) {
    const known = byId.get(task.id)
    if (known === undefined || known.isCached || !task.succeeded) byId.set(task.id, task)
  }
  return byId.values()
}
