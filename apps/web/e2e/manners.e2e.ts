import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './site-test.ts'

const findings = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

const picture = (name: string) => ({ path: `test-results/screens/${name}.png` })

/** Nothing may move while axe measures contrast or a picture is taken. */
const calm = { reducedMotion: 'reduce' } as const

for (const colorScheme of ['light', 'dark'] as const) {
  for (const locale of ['en-GB', 'zh-CN'] as const) {
    test(`axe finds nothing on the start and in a room (${colorScheme}, ${locale})`, async ({
      come,
      room,
    }) => {
      const ann = await come('Ann', { context: { colorScheme, locale, ...calm } })
      const ben = await come('Ben', { context: { colorScheme, locale, ...calm } })
      await ann.page.goto('/')
      await expect(ann.page.getByRole('heading', { level: 1 })).toBeVisible()
      expect(await findings(ann.page)).toEqual([])
      await ann.page.screenshot({ ...picture(`start-${colorScheme}-${locale}`), fullPage: true })

      await ann.enter(room)
      expect(await findings(ann.page)).toEqual([])
      await ann.page.screenshot(picture(`alone-${colorScheme}-${locale}`))

      await ben.enter(room)
      await ben.isLinkedTo([ann])
      await ben.page.locator('textarea').fill('https://example.org')
      await ben.page.locator('textarea').press('Enter')
      await expect(ann.page.getByRole('log').getByRole('link')).toBeVisible()
      expect(await findings(ann.page)).toEqual([])
      await ann.page.screenshot(picture(`room-${colorScheme}-${locale}`))
    })
  }
}

test('axe finds nothing in the dialog, the invitation and a failure', async ({
  come,
  room,
  page,
}) => {
  await page.emulateMedia(calm)
  await page.goto(`/#/r/${room}`)
  await expect(page.getByLabel('Your name')).toBeVisible()
  expect(await findings(page)).toEqual([])
  const ann = await come('Ann', { context: calm })
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Show QR code' }).click()
  await expect(ann.page.getByRole('dialog').getByRole('img')).toBeVisible()
  expect(await findings(ann.page)).toEqual([])
  const lost = await come('Cleo', { context: calm })
  await lost.page.goto(`/#/r/${'x'.repeat(129)}`)
  await expect(lost.page.getByRole('alert')).toContainText('This room cannot exist')
  expect(await findings(lost.page)).toEqual([])
})

test('at 360 pixels nothing scrolls sideways, in any view', async ({ come, room }) => {
  const context = { viewport: { width: 360, height: 740 }, hasTouch: true }
  const ann = await come('Ann with quite a long name, really', { context })
  const ben = await come('Ben', { context: { ...context, locale: 'zh-CN' } })
  const excess = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await ann.page.goto('/')
  expect(await excess(ann.page)).toBe(0)
  await ann.page.screenshot({ ...picture('start-360'), fullPage: true })
  for (const visitor of [ann, ben]) await visitor.enter(room)
  await ann.isLinkedTo([ben])
  for (const { page } of [ann, ben]) {
    expect(await excess(page)).toBe(0)
    await page.getByRole('button', { name: /(Chat|聊天)$/ }).click()
    await page.locator('textarea').fill('x'.repeat(200))
    await page.locator('textarea').press('Enter')
    expect(await excess(page)).toBe(0)
  }
  await ann.page.screenshot(picture('chat-360'))
})

test('who asks for less motion gets none, not even for a message or a new host', async ({
  come,
  room,
}) => {
  const ann = await come('Ann', { context: calm })
  const ben = await come('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ann.isLinkedTo([ben])
  await ben.say('look')
  await expect(ann.message('look')).toBeVisible()
  const moving = () => ann.page.evaluate(() => document.getAnimations().length)
  expect(await moving()).toBe(0)
  await ann.page.getByRole('button', { name: 'Give the crown to Ben' }).click()
  await expect(ann.person('Ben')).toHaveAttribute('data-host', 'true')
  expect(await moving()).toBe(0)
})

test('the language follows the browser, can be switched in the room, and is remembered', async ({
  come,
  room,
}) => {
  const ann = await come('Ann', { context: { locale: 'zh-CN' } })
  await ann.enter(room)
  const { self } = await ann.reign()
  await expect(ann.page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await expect(ann.page.getByRole('heading', { name: '成员' })).toBeVisible()
  await ann.page.getByRole('button', { name: 'English' }).click()
  await expect(ann.page.getByRole('heading', { name: 'People' })).toBeVisible()
  await expect(ann.page.locator('html')).toHaveAttribute('lang', 'en')
  expect((await ann.reign()).self).toBe(self)
  await ann.page.reload()
  await expect(ann.page.getByRole('heading', { name: 'People' })).toBeVisible()
})

test('light and dark follow the system until they are switched, and the choice is remembered', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await ground()
  await page.getByRole('button', { name: 'Switch to light' }).click()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.reload()
  expect(await ground()).toBe(light)
  await expect(page.getByRole('button', { name: 'Switch to dark' })).toBeVisible()
})

test('nothing is loaded from anybody else, and nothing is complained about', async ({
  come,
  room,
  server,
}) => {
  const ann = await come('Ann')
  const foreign: string[] = []
  const complaints: string[] = []
  ann.page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url())
  })
  ann.page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  ann.page.on('pageerror', (error) => complaints.push(error.message))
  await ann.page.goto('/')
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Show QR code' }).click()
  await expect(ann.page.getByRole('dialog').getByRole('img')).toBeVisible()
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})
