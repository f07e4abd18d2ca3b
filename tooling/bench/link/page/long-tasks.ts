import { pause } from './clock.ts'
import { type PlatformCall, platformCalls } from './platform-calls.ts'

/** The longest task of the main thread, and what of it was not the browser's own work. */
export interface LongTasks {
  /** 0: none was longer than 50 ms, which is where the browser begins to tell. */
  readonly longestMs: number
  /** Of all tasks the most that remains without the calls of the platform in it. */
  readonly longestOwnMs: number
  /** What the longest task called, and for how long. */
  readonly calls: Readonly<Record<string, number>>
}

interface Task {
  readonly startedAt: number
  readonly ms: number
}

/** Longer than the browser takes to tell of a task that has ended. */
const toldAfterMs = 500

/** Watches the tasks that begin from now until `stop` is called. */
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
      await pause(toldAfterMs)
      observer.disconnect()
      return judge(tasks.filter(({ startedAt }) => startedAt >= from && startedAt <= until))
    },
  }
}

const judge = (tasks: readonly Task[]): LongTasks => {
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
