import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readReport } from './report.ts'
import { root } from './run.ts'
import type { Package, Task } from './tally.ts'

/** A task as described in turbo's run summary (`--summarize`). */
export interface TaskRun extends Task {
  readonly directory: string
  readonly isCached: boolean
  /** Null if it never started because a dependency failed. */
  readonly seconds: number | null
}

const summaries = '.turbo/runs/*.json'
const reports = 'test-results/*.json'

/** Deletes the reports and summaries of earlier runs, so that none is counted twice. */
export function deleteReports(): void {
  const stale = globSync([summaries, `{packages,apps,tooling,examples}/*/${reports}`], {
    cwd: root,
  })
  for (const file of stale) rmSync(join(root, file))
}

/** All tasks since `deleteReports`, without those that had nothing to run. */
export function readTasks(): readonly TaskRun[] {
  const tasks = globSync(summaries, { cwd: root }).flatMap((file) => {
    const summary: Summary = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return summary.tasks
  })
  return [...unique(tasks.filter(({ command }) => command !== '<NONEXISTENT>').map(toTaskRun))]
}

/** Groups the tasks by package and adds its reports, including those from turbo's cache. */
export function toPackages(tasks: readonly TaskRun[]): readonly Package[] {
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

function toTaskRun({
  taskId,
  task,
  directory,
  cache,
  execution,
}: Summary['tasks'][number]): TaskRun {
  return {
    id: taskId,
    kind: task,
    directory,
    isCached: cache.status === 'HIT',
    seconds: execution ? (execution.endTime - execution.startTime) / 1000 : null,
    succeeded: execution?.exitCode === 0,
  }
}

/** A later run may restore a build from the cache: keeps the run that executed or failed. */
function unique(tasks: readonly TaskRun[]): Iterable<TaskRun> {
  const byId = new Map<string, TaskRun>()
  for (const task of tasks) {
    const known = byId.get(task.id)
    if (known === undefined || known.isCached || !task.succeeded) byId.set(task.id, task)
  }
  return byId.values()
}
