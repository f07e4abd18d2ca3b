import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './site-test.ts'

const violationsIn = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

const screenshot = (name: string) => ({ path: `test-results/screens/${name}.png` })

/** Nothing may move while axe measures contrast or a screenshot is taken. */
const calm = { reducedMotion: 'reduce' } as const

for (const colorScheme of ['light', 'dark'] as const) {
  for (const locale of ['en-GB', 'zh-CN'] as const) {
    test(`axe finds no violations on the start page and in a room (${colorScheme}, ${locale})`, async ({
      visit,
      room,
    }) => {
      const ann = await visit('Ann', { context: { colorScheme, locale, ...calm } })
      const ben = await visit('Ben', { context: { colorScheme, locale, ...calm } })
      await ann.page.goto('/')
      await expect(ann.page.getByRole('heading', { level: 1 })).toBeVisible()
      expect(await violationsIn(ann.page)).toEqual([])
      await ann.page.screenshot({ ...screenshot(`start-${colorScheme}-${locale}`), fullPage: true })

      await ann.enter(room)
      expect(await violationsIn(ann.page)).toEqual([])
      await ann.page.screenshot(screenshot(`alone-${colorScheme}-${locale}`))

      await ben.enter(room)
      await ben.waitForLinks([ann])
      await ben.page.locator('textarea').fill('https://example.org')
      await ben.page.locator('textarea').press('Enter')
      await expect(ann.page.getByRole('log').getByRole('link')).toBeVisible()
      expect(await violationsIn(ann.page)).toEqual([])
      await ann.page.screenshot(screenshot(`room-${colorScheme}-${locale}`))
    })
  }
}

test('axe finds no violations in the dialog, the invitation and on an error page', async ({
  visit,
  room,
  page,
}) => {
  await page.emulateMedia(calm)
  await page.goto(`/#/r/${room}`)
  await expect(page.getByLabel('Your name')).toBeVisible()
  expect(await violationsIn(page)).toEqual([])
  const ann = await visit('Ann', { context: calm })
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await expect(ann.page.getByRole('dialog').getByRole('img')).toBeVisible()
  expect(await violationsIn(ann.page)).toEqual([])
  const cleo = await visit('Cleo', { context: calm })
  await cleo.page.goto(`/#/r/${'x'.repeat(129)}`)
  await expect(cleo.page.getByRole('alert')).toContainText('This room name is not valid')
  expect(await violationsIn(cleo.page)).toEqual([])
})

test('at 360 pixels no view scrolls horizontally', async ({ visit, room }) => {
  const context = { viewport: { width: 360, height: 740 }, hasTouch: true }
  const ann = await visit('Ann with quite a long name, really', { context })
  const ben = await visit('Ben', { context: { ...context, locale: 'zh-CN' } })
  const overflow = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await ann.page.goto('/')
  expect(await overflow(ann.page)).toBe(0)
  await ann.page.screenshot({ ...screenshot('start-360'), fullPage: true })
  for (const visitor of [ann, ben]) await visitor.enter(room)
  await ann.waitForLinks([ben])
  for (const { page } of [ann, ben]) {
    expect(await overflow(page)).toBe(0)
    await page.getByRole('tab', { name: /(Chat|聊天)/ }).click()
    await page.locator('textarea').fill('x'.repeat(200))
    await page.locator('textarea').press('Enter')
    expect(await overflow(page)).toBe(0)
  }
  await ann.page.screenshot(screenshot('chat-360'))
})

test('with reduced motion nothing is animated, not even a message or a new host', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: calm })
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await ben.send('look')
  await expect(ann.message('look')).toBeVisible()
  const moving = () => ann.page.evaluate(() => document.getAnimations().length)
  expect(await moving()).toBe(0)
  await ann.giveCrown('Ben')
  await expect(ann.person('Ben')).toHaveAttribute('data-host', 'true')
  expect(await moving()).toBe(0)
})

test('the language follows the browser, can be switched in the room, and is saved', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { locale: 'zh-CN' } })
  await ann.enter(room)
  const { self } = await ann.roomState()
  await expect(ann.page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await expect(ann.page.getByRole('heading', { name: '成员' })).toBeVisible()
  await ann.page.getByRole('button', { name: '菜单' }).click()
  await ann.page.getByRole('menuitemradio', { name: 'English' }).click()
  await ann.page.keyboard.press('Escape')
  await expect(ann.page.getByRole('heading', { name: 'People' })).toBeVisible()
  await expect(ann.page.locator('html')).toHaveAttribute('lang', 'en')
  expect((await ann.roomState()).self).toBe(self)
  await ann.page.reload()
  await expect(ann.page.getByRole('heading', { name: 'People' })).toBeVisible()
})

test('the theme follows the system until it is switched, and the choice is saved', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  const background = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await background()
  await page.getByRole('button', { name: 'Switch to light theme' }).click()
  const light = await background()
  expect(light).not.toBe(dark)
  await page.reload()
  expect(await background()).toBe(light)
  await expect(page.getByRole('button', { name: 'Switch to dark theme' })).toBeVisible()
})

test('the site makes no third-party requests and logs no errors', async ({
  visit,
  room,
  server,
}) => {
  const ann = await visit('Ann')
  const thirdParty: string[] = []
  const problems: string[] = []
  ann.page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) thirdParty.push(request.url())
  })
  ann.page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  ann.page.on('pageerror', (error) => problems.push(error.message))
  await ann.page.goto('/')
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Share' }).click()
  await expect(ann.page.getByRole('dialog').getByRole('img')).toBeVisible()
  expect(thirdParty).toEqual([])
  expect(problems).toEqual([])
})

test('a pane whose content fits has no scroll bar', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  const heights = await ann.page
    .locator('.side')
    .evaluate(({ scrollHeight, clientHeight }) => [scrollHeight, clientHeight])
  expect(heights[0]).toBe(heights[1])
})
