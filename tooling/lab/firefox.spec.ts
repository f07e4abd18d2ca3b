import { needs } from '@skein/needs'
import type { FirefoxTab } from './firefox.ts'
import { test } from './firefox-test.ts'
import { expect } from './lab-test.ts'
import { range, type Tab } from './tab.ts'

type AnyTab = Tab | FirefoxTab

/** Both peers receive everything that the other one sends, once and in order. */
async function expectExchange(one: AnyTab, other: AnyTab): Promise<void> {
  for (const tab of [one, other]) {
    await expect.poll(async () => (await tab.view()).openLinks).toHaveLength(1)
  }
  await Promise.all([one.send(0, 500), other.send(0, 500)])
  for (const [to, from] of [
    [one, other],
    [other, one],
  ] as const) {
    const { self } = await from.view()
    await expect.poll(() => to.received(self)).toEqual(range(0, 500))
  }
}

/** Far below every grace period, and well above the time that a busy machine takes. */
const atOnce = { timeout: 1_000, intervals: [50] }

/** Ways in which a page goes away. */
const departures = [
  ['reloads', (tab: FirefoxTab) => tab.reload()],
  ['follows a link', (tab: FirefoxTab) => tab.followLink()],
  ['closes the tab', (tab: FirefoxTab) => tab.closeTab()],
] as const

if (needs('firefox')) {
  // The peer that joins last makes the offer.
  test('Firefox calls Chromium, and they exchange messages both ways', async ({
    tab,
    firefoxTab,
  }) => {
    const chromium = await tab()
    await expectExchange(chromium, await firefoxTab())
  })

  test('Chromium calls Firefox, and they exchange messages both ways', async ({
    tab,
    firefoxTab,
  }) => {
    const firefox = await firefoxTab()
    await expectExchange(firefox, await tab())
  })

  test('two tabs in Firefox exchange messages both ways', async ({ firefoxTab }) => {
    await expectExchange(await firefoxTab(), await firefoxTab())
  })

  for (const [what, depart] of departures) {
    test(`when a host in Firefox ${what}, it is gone and its role moves within a second`, async ({
      tab,
      firefoxTab,
    }) => {
      const host = await firefoxTab()
      const others = [await tab(), await firefoxTab()]
      for (const one of others) {
        await expect.poll(async () => (await one.view()).openLinks).toHaveLength(2)
      }
      const [before, next] = [await host.view(), await others[0]?.view()]
      expect(before.host).toBe(before.self)
      await depart(host)
      const now = async () => {
        const views = await Promise.all(others.map((one) => one.view()))
        return views.map(({ peers, host, term }) => ({ peers: peers.length, host, term }))
      }
      const expected = { peers: 1, host: next?.self, term: before.term + 1 }
      await expect.poll(now, atOnce).toEqual([expected, expected])
    })
  }
}
