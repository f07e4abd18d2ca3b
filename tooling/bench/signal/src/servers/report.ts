import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Tells the parent where the server listens, and, whenever asked, how it is. */
export const report = (port: number): void => {
  process.on('message', (question) => process.send?.(answer(String(question))))
  process.on('disconnect', () => process.exit(0))
  process.send?.(port)
}

/** Coarse, for each look costs something too; a stall shows in the look that comes late for it. */
const lookEveryMs = 5
const delays = monitorEventLoopDelay({ resolution: lookEveryMs })

const answer = (question: string): number => {
  switch (question) {
    case 'rss':
      collect()
      return process.memoryUsage.rss()
    case 'heap':
      collect()
      return process.memoryUsage().heapUsed
    case 'rss now':
      return process.memoryUsage.rss()
    case 'watch stalls':
      delays.reset()
      return Number(delays.enable())
    case 'longest stall':
      delays.disable()
      return Math.max(0, delays.max / 1e6 - lookEveryMs)
    default:
      throw new Error(`Nobody can answer "${question}".`)
  }
}

/** Twice: what the first run lets go of, the second collects. */
const collect = (): void => {
  globalThis.gc?.()
  globalThis.gc?.()
}
