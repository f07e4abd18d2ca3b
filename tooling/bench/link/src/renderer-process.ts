import { readFileSync, writeFileSync } from 'node:fs'
import type { Browser, CDPSession, Page } from 'playwright'

/** The process that a page runs in. */
export interface RendererProcess {
  /**
   * Collects garbage, resets the peak, and returns the resident memory in bytes; NaN where it is
   * not available.
   */
  readonly startPeak: () => Promise<number>
  /** The peak since then, in bytes. */
  readonly peak: () => number
}

/** Finds the process by its CPU use: the page spins until one process is by far the busiest. */
export const rendererOf = async (browser: Browser, page: Page): Promise<RendererProcess> => {
  const session = await browser.newBrowserCDPSession()
  const times = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const renderers = processInfo.filter(({ type }) => type === 'renderer')
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]))
  }
  for (let tries = 0; tries < maxTries; tries += 1) {
    const before = await times()
    await page.evaluate((ms) => window.bench.spin(ms), spinMs)
    const used = [...(await times())]
      .map(([pid, time]) => ({ pid, seconds: time - (before.get(pid) ?? 0) }))
      .sort((a, b) => b.seconds - a.seconds)
    const [first, second] = used
    if (first && first.seconds > farBusier * (second?.seconds ?? 0)) {
      await session.detach()
      return processOf(first.pid, await page.context().newCDPSession(page))
    }
  }
  throw new Error('could not find the renderer process of the page')
}

const spinMs = 400
const maxTries = 20
const farBusier = 4

const processOf = (pid: number, session: CDPSession): RendererProcess => ({
  startPeak: async () => {
    // Memory that was freed but is still resident would hide what is used next.
    await session.send('HeapProfiler.collectGarbage')
    await session.send('Memory.simulatePressureNotification', { level: 'critical' })
    await session.send('HeapProfiler.collectGarbage')
    try {
      // 5 resets the peak of resident memory, see proc(5).
      writeFileSync(`/proc/${pid}/clear_refs`, '5')
      return bytesOf(pid, 'VmRSS')
    } catch {
      return Number.NaN
    }
  },
  peak: () => bytesOf(pid, 'VmHWM'),
})

const bytesOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024
  } catch {
    return Number.NaN
  }
}
