import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Reports the port to the parent process, and answers its questions about the server. */
export const report = (port: number): void => {
  process.on('message', (question) => process.send?.(answer(String(question))))
  process.on('disconnect', () => process.exit(0))
  process.send?.(port)
}

/** Coarse, because sampling has a cost; a stall shows as a late sample. */
const sampleEveryMs = 5
const delays = monitorEventLoopDelay({ resolution: sampleEveryMs })

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
      return Math.max(0, delays.max / 1e6 - sampleEveryMs)
    default:
      throw new Error(`Unknown question "${question}".`)
  }
}

/** Twice: the second run collects what the first one released. */
const collect = (): void => {
  globalThis.gc?.()
  globalThis.gc?.()
}
