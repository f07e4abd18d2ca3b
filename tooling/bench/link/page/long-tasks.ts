import { pause } from './clock.ts'
import { type PlatformCall, platformCalls } from './platform-calls.ts'

/** The longest task of the main thread, and how much of it was not the browser's own work. */
export interface LongTasks {
  /** 0: none was longer than 50 ms, the threshold at which the browser reports tasks. */
  readonly longestMs: number
  /** The longest remainder of any task without its platform calls. */
  readonly longestOwnMs: number
  /** The platform calls of the longest task, and their durations. */
  readonly calls: Readonly<Record<string, number>>
}

interface Task {
  readonly startedAt: number
  readonly ms: number
}

/** Longer than the browser takes to report a finished task. */
const reportDelayMs = 500

/** Watches the tasks that start between now and the call of `stop`. */
export const watchTasks = (): { readonly stop: () => Promise<LongTasks> } => {
  const tasks: Task[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      tasks.push({ startedAt: startTime, ms: duration })
  })
  observer.observe({ type: 'longtask' })
  const from = performance.now()
  return {
    stop: async () => {
      const until = performance.now()
      await pause(reportDelayMs)
      observer.disconnect()
      return summarize(tasks.filter(({ startedAt }) => startedAt >= from && startedAt <= until))
    },
  }
}

const summarize = (tasks: readonly Task[]): LongTasks => {
  const longest = tasks.toSorted((a, b) => b.ms - a.ms)[0]
  const own = tasks.map((task) => task.ms - sum(callsIn(task)))
  return {
    longestMs: longest?.ms ?? 0,
    longestOwnMs: Math.max(0, ...own),
    calls: longest ? byName(callsIn(longest)) : {},
  }
}

const callsIn = ({ startedAt, ms }: Task): readonly PlatformCall[] =>
  platformCalls.filter((call) => call.startedAt >= startedAt && call.startedAt < startedAt + ms)

const sum = (calls: readonly PlatformCall[]): number =>
  calls.reduce((total, { startedAt, endedAt }) => total + endedAt - startedAt, 0)

const byName = (calls: readonly PlatformCall[]): Readonly<Record<string, number>> => {
  const totals: Record<string, number> = {}
  for (const { name, startedAt, endedAt } of calls)
    totals[name] = (totals[name] ?? 0) + endedAt - startedAt
  return totals
}
