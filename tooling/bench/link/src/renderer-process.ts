import { readFileSync, writeFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright'

/** The process that a page runs in. */
export interface RendererProcess {
  /** Forgets the peak so far, and gives what is resident now, in bytes; NaN where it is not told. */
  readonly startPeak: () => number
  /** The peak since then. */
  readonly peak: () => number
}

/** Finds it by its work: nothing else in the browser is busy while this page spins. */
export const rendererOf = async (browser: Browser, page: Page): Promise<RendererProcess> => {
  const session = await browser.newBrowserCDPSession()
  const times = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const renderers = processInfo.filter(({ type }) => type === 'renderer')
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]))
  }
  const before = await times()
  await page.evaluate(() => window.bench.spin(300))
  const after = await times()
  await session.detach()
  const used = [...after].map(([pid, time]) => ({ pid, seconds: time - (before.get(pid) ?? 0) }))
  const busiest = used.reduce((one, other) => (other.seconds > one.seconds ? other : one))
  return processOf(busiest.pid)
}

const processOf = (pid: number): RendererProcess => ({
  startPeak: () => {
    try {
      // 5: the peak of resident memory begins anew, see proc(5).
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
