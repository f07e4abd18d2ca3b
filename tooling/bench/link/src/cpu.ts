import type { Browser } from 'playwright'

export interface CpuMeter {
  /** The total CPU time that the browser's processes have used so far. */
  readonly seconds: () => Promise<number>
}

/**
 * Sums the CPU time of all processes. Nearly all of it is the two renderers and the network
 * service; nothing else runs in this browser.
 */
export const cpuMeter = async (browser: Browser): Promise<CpuMeter> => {
  const session = await browser.newBrowserCDPSession()
  return {
    seconds: async () => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
    },
  }
}
