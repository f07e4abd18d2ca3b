import { mergeTests } from '@playwright/test'
import { needs } from '@skein/needs'
import type { FirefoxTab } from './firefox.ts'
import { test as firefoxTest } from './firefox-test.ts'
import { expect } from './lab-test.ts'
import { range, type Tab } from './tab.ts'
import { test as turnTest } from './turn-test.ts'

const test = mergeTests(turnTest, firefoxTest)
const relayed = { iceTransportPolicy: 'relay' } as const

/** The credentials that a tab has used. */
const credentialsOf = async (tab: Tab | FirefoxTab): Promise<number> =>
  (await tab.view()).turnServers.length

/** Numbers that arrive once and in order show that nothing was interrupted. */
const expectExchange = async (tabs: readonly (Tab | FirefoxTab)[], first: number) => {
  const end = first + 50
  for (const tab of tabs) await tab.send(first, end)
  for (const tab of tabs) {
    const { self } = await tab.view()
    for (const other of tabs.filter((one) => one !== tab)) {
      await expect.poll(async () => other.received(self)).toEqual(range(0, end))
    }
  }
}

if (needs('turnserver', 'firefox')) {
  // Who joins last makes the first offer, which decides the DTLS roles.
  for (const first of ['Chromium', 'Firefox'] as const) {
    test(`messages go on while TURN credentials are renewed between ${first} and the other browser, which calls it`, async ({
      tab,
      firefoxTab,
    }) => {
      test.setTimeout(120_000)
      const open = {
        Chromium: () => tab(relayed),
        Firefox: () => firefoxTab({ rtc: relayed }),
      }
      const one = await open[first]()
      const other = await open[first === 'Chromium' ? 'Firefox' : 'Chromium']()
      const tabs = [one, other]
      await expectExchange(tabs, 0)
      for (const each of tabs)
        await expect.poll(async () => (await each.view()).paths).toEqual(['relay'])
      for (const each of tabs) {
        await expect.poll(() => credentialsOf(each), { timeout: 60_000 }).toBeGreaterThan(1)
      }
      await expectExchange(tabs, 50)
      for (const each of tabs) {
        await expect.poll(async () => (await each.view()).paths).toEqual(['relay'])
      }
    })
  }
}
