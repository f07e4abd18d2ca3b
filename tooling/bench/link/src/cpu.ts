import type { Browser } from 'playwright'

export interface CpuMeter {
  /** CPU time that the browser's processes have used so far, all together. */
  readonly seconds: () => Promise<number>
}

/**
 * Sums up all processes: nearly all of it is the two renderers and the network service, and nothing
 * else runs in this browser.
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
