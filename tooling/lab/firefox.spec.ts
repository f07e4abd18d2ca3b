import { needs } from '@skein/needs'
import { defaultLimits } from '@skein/protocol'
import type { FirefoxTab } from './firefox.ts'
import { test } from './firefox-test.ts'
import { expect } from './lab-test.ts'
import type { LabView } from './page/lab-page.ts'
import { range, type Tab } from './tab.ts'

const { memberGraceMs, hostGraceMs } = defaultLimits

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

/** A page that Firefox unloads can say that it leaves. */
const departures = [
  ['reloads', (tab: FirefoxTab) => tab.reload()],
  ['follows a link', (tab: FirefoxTab) => tab.followLink()],
] as const

/** The host is gone for the others, and the next one has the role; within this time. */
async function expectGone(
  { others, before, next }: Departed,
  { role, member }: { readonly role: Within; readonly member: Within },
): Promise<void> {
  const views = () => Promise.all(others.map((one) => one.view()))
  const hosts = async () => (await views()).map(({ host, term }) => ({ host, term }))
  const expected = { host: next.self, term: before.term + 1 }
  await expect.poll(hosts, role).toEqual([expected, expected])
  const peers = async () => (await views()).map(({ peers }) => peers)
  await expect.poll(peers, member).not.toContainEqual(expect.arrayContaining([before.self]))
}

interface Departed {
  readonly others: readonly AnyTab[]
  /** What the host saw last. */
  readonly before: LabView
  /** What the next host saw meanwhile. */
  readonly next: LabView
}

type Within = { readonly timeout: number; readonly intervals: number[] }

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
      const { host, ...departed } = await hostAndOthers(tab, firefoxTab)
      await depart(host)
      await expectGone(departed, { role: atOnce, member: atOnce })
    })
  }

  test('a host in Firefox that reloads with `rejoin` is the same peer and still the host', async ({
    tab,
    firefoxTab,
  }) => {
    const firefox = await firefoxTab({ rejoin: 'session' })
    const other = await tab()
    await expect.poll(async () => (await other.view()).openLinks).toHaveLength(1)
    const before = await firefox.view()
    await firefox.reload()
    await firefox.join()
    const { self, host, term, epoch } = before
    expect(await firefox.view()).toMatchObject({ self, host, term, epoch })
    expect(host).toBe(self)
    await expectExchange(firefox, other)
    const kinds = (await other.view()).events.map(({ type }) => type)
    expect(kinds).not.toContain('peerleave')
    expect(kinds).not.toContain('hostchange')
  })

  test('someone alone in Firefox who follows a link holds no role: a newcomer is host at once, and Back works', async ({
    tab,
    firefoxTab,
  }) => {
    const firefox = await firefoxTab()
    const before = await firefox.view()
    expect(before.host).toBe(before.self)
    await firefox.followLink()
    const newcomer = await tab()
    const { self } = await newcomer.view()
    await expect.poll(async () => (await newcomer.view()).host, atOnce).toBe(self)
    await firefox.goBack()
    // From the cache, or loaded anew.
    if (!(await firefox.isInRoom())) await firefox.join()
    await expectExchange(firefox, newcomer)
    expect((await newcomer.view()).peers).toEqual([(await firefox.view()).self])
  })

  // Half of the time, Firefox 153 drops both what a page whose tab is closed sends on its socket and
  // its beacon, and closes the socket with 1001. So only the grace periods are certain.
  test('when a host in Firefox closes the tab, its role moves and it is gone after the grace periods at the latest', async ({
    tab,
    firefoxTab,
  }) => {
    const { host, ...departed } = await hostAndOthers(tab, firefoxTab)
    await host.closeTab()
    const within = (graceMs: number): Within => ({ ...atOnce, timeout: graceMs + 1_000 })
    await expectGone(departed, { role: within(hostGraceMs), member: within(memberGraceMs) })
  })
}

/** A host in Firefox, a tab in Chromium, which is next, and another one in Firefox. */
async function hostAndOthers(tab: () => Promise<Tab>, firefoxTab: () => Promise<FirefoxTab>) {
  const host = await firefoxTab()
  const chromium = await tab()
  const others = [chromium, await firefoxTab()]
  for (const one of others) {
    await expect.poll(async () => (await one.view()).openLinks).toHaveLength(2)
  }
  const [before, next] = [await host.view(), await chromium.view()]
  expect(before.host).toBe(before.self)
  return { host, others, before, next }
}
