import type { Page } from '@playwright/test'
import { findBrowser } from '@skein/browser'
import { needs } from '@skein/needs'
import { expect, test } from './site-test.ts'

// Playwright turns the back/forward cache off, and headless builds from npm have none. With it,
// Chrome freezes a page that someone leaves, or evicts it after it has said that it would keep it.
test.use({
  launchOptions: { ...findBrowser(), ignoreDefaultArgs: ['--disable-back-forward-cache'] },
})

/** Far below every grace period, and well above the time that a busy machine takes. */
const atOnce = { timeout: 1_000 }

/** Follows a link to a page without a room, as a person does. */
async function followLink(page: Page): Promise<void> {
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      document.body.dataset.persisted = String(persisted)
    })
    const link = document.createElement('a')
    link.href = '?elsewhere'
    document.body.append(link)
    link.click()
  })
  await page.waitForURL(/elsewhere/)
  await expect(page.getByLabel('Room name')).toBeVisible()
}

/** A page that comes out of the cache is not loaded again, so there is no `load` to wait for. */
const goBack = (page: Page) => page.goBack({ waitUntil: 'commit' })

if (needs('chromium')) {
  test('someone alone who follows a link holds no role: a newcomer is host at once, and Back is the same member', async ({
    visit,
    room,
  }) => {
    const [ann, ben] = [await visit('Ann'), await visit('Ben')]
    await ben.page.goto('/')
    await ann.enter(room)
    const before = await ann.roomState()
    await followLink(ann.page)

    await ben.enter(room)
    await expect(ben.person('Ben')).toHaveAttribute('data-host', 'true', atOnce)
    await expect(ben.page.locator('[data-peer-id][data-online="true"]')).toHaveCount(1, atOnce)
    const { self } = await ben.roomState()

    await goBack(ann.page)
    // The page was not loaded again.
    await expect(ann.page.locator('body')).toHaveAttribute('data-persisted', 'true')
    await expect(ann.screen).toHaveAttribute('data-host', self)
    await ann.waitForLinks([ben])
    await ben.waitForLinks([ann])
    expect((await ann.roomState()).self).toBe(before.self)
    await ann.send('I am back')
    await expect(ben.message('I am back')).toBeVisible()
    await ben.send('Welcome back')
    await expect(ann.message('Welcome back')).toBeVisible()
  })

  const departures = [
    ['follows a link', followLink],
    ['types another address', (page: Page) => page.goto('/?elsewhere')],
  ] as const

  for (const [what, depart] of departures) {
    test(`a host that ${what} is away and without its role within a second, and Back is the same member`, async ({
      three,
    }) => {
      const [ann, ben, cleo] = three
      const { self, term } = await ann.roomState()
      await depart(ann.page)
      for (const visitor of [ben, cleo]) {
        await expect(visitor.person('Ben')).toHaveAttribute('data-host', 'true', atOnce)
        await expect(visitor.person('Ann')).toHaveAttribute('data-online', 'false', atOnce)
      }
      expect((await cleo.roomState()).term).toBe(term + 1)

      // Chrome has evicted the page, for its peer connections: it is loaded again.
      await goBack(ann.page)
      await ann.waitForLinks([ben, cleo])
      expect((await ann.roomState()).self).toBe(self)
      await expect(cleo.page.locator('[data-peer-id]')).toHaveCount(3)
      await ann.send('I am back')
      await expect(cleo.message('I am back')).toBeVisible()
    })
  }
}
