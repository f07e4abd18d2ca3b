import { findBrowser } from '@skein/browser'
import { needs } from '@skein/needs'
import { expect, test } from './lab-test.ts'
import type { Tab } from './tab.ts'

// Playwright turns the back/forward cache off, and headless builds from npm have none.
test.use({
  launchOptions: { ...findBrowser(), ignoreDefaultArgs: ['--disable-back-forward-cache'] },
})

/** Far below every grace period, and well above the time that a busy machine takes. */
const atOnce = { timeout: 1_000, intervals: [50] }

async function followLink({ page }: Tab): Promise<void> {
  await page.click('a')
  await page.waitForURL(/elsewhere/)
}

/** A page that comes out of the cache is not loaded again, so there is no `load` to wait for. */
async function goBack({ page }: Tab): Promise<void> {
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction(() => 'lab' in window)
}

if (needs('chromium')) {
  test('someone alone who follows a link holds no role: a newcomer is host at once, and Back is the same member', async ({
    tab,
  }) => {
    const ann = await tab()
    const before = await ann.view()
    expect(before.host).toBe(before.self)
    await followLink(ann)

    const ben = await tab()
    const { self } = await ben.view()
    await expect.poll(async () => (await ben.view()).host, atOnce).toBe(self)

    await goBack(ann)
    await expect.poll(async () => (await ann.view()).openLinks).toEqual([self])
    expect(await ann.view()).toMatchObject({ self: before.self, host: self, status: 'connected' })
    await ann.send(0, 10)
    await expect.poll(() => ben.received(before.self)).toHaveLength(10)
  })

  test('a page with links that follows a link is gone within a second, role included: Chrome evicts it', async ({
    mesh,
  }) => {
    const [ann, ben, cid] = await mesh(3)
    if (!(ann && ben && cid)) throw new Error('expected three tabs')
    const [before, next] = [await ann.view(), await ben.view()]
    await followLink(ann)
    for (const one of [ben, cid]) {
      await expect.poll(async () => (await one.view()).host, atOnce).toBe(next.self)
      await expect.poll(async () => (await one.view()).peers, atOnce).not.toContain(before.self)
    }
    // Back loads the page anew: it is in the room once.
    await goBack(ann)
    expect(await ann.page.evaluate(() => window.lab.isInRoom())).toBe(false)
    await ann.join()
    await expect.poll(async () => (await ann.view()).openLinks).toHaveLength(2)
    const { self } = await ann.view()
    for (const one of [ben, cid]) expect((await one.view()).peers).toContain(self)
    for (const one of [ben, cid]) expect((await one.view()).peers).toHaveLength(2)
  })
}
