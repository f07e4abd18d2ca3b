import type { Browser } from 'puppeteer-core'
import { FirefoxTab, launchFirefox, type OpenFirefoxTab } from './firefox.ts'
import { test as base } from './lab-test.ts'

interface FirefoxFixtures {
  /** Opens one more tab in the same room, in Firefox. */
  readonly firefoxTab: (options?: Pick<OpenFirefoxTab, 'rejoin' | 'rtc'>) => Promise<FirefoxTab>
}

/** The lab test with tabs in Firefox beside those in Chromium. */
export const test = base.extend<FirefoxFixtures, { readonly firefox: Browser }>({
  firefox: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the parameter
    async ({}, use) => {
      const firefox = await launchFirefox()
      await use(firefox)
      await firefox.close()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  firefoxTab: async ({ firefox, server, room, baseURL }, use) => {
    const opened: FirefoxTab[] = []
    await use(async (options) => {
      if (baseURL === undefined) throw new Error('no base URL')
      const address = { signalPort: server.port, room }
      const tab = await FirefoxTab.open({ browser: firefox, baseURL, address, ...options })
      opened.push(tab)
      return tab
    })
    for (const tab of opened) await tab.close()
  },
})
