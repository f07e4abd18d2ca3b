import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { overflow, smallTargets, smallTexts } from './measure.ts'
import { expect, test } from './site-test.ts'

const calm = { reducedMotion: 'reduce' } as const

const boxOf = async (page: Page, selector: string) => {
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`${selector} is not in view`)
  return { ...box, right: box.x + box.width, bottom: box.y + box.height }
}

const sizes = [
  { width: 360, height: 740, header: 53, columns: 1 },
  { width: 740, height: 360, header: 53, columns: 2 },
  { width: 640, height: 360, header: 53, columns: 1 },
  { width: 768, height: 1024, header: 61, columns: 2 },
  { width: 1440, height: 900, header: 61, columns: 3 },
  { width: 2560, height: 1440, header: 68.5, columns: 3 },
] as const

const expectHeader = async (page: Page, height: number) => {
  const bar = await boxOf(page, 'header')
  expect(bar.height).toBe(height)
  for (const part of ['header h1', 'header [role=status]', 'header .actions']) {
    const box = await boxOf(page, part)
    expect(box.y).toBeGreaterThanOrEqual(bar.y)
    expect(box.bottom).toBeLessThanOrEqual(bar.bottom)
    expect(box.right).toBeLessThanOrEqual(bar.right)
  }
}

/** The whole graph is in view without scrolling. */
const expectGraph = async (page: Page, windowHeight: number) => {
  const graph = await boxOf(page, '.canvas')
  expect(graph.height).toBeGreaterThanOrEqual(220)
  expect(graph.bottom).toBeLessThanOrEqual(windowHeight)
}

const expectDesk = async (page: Page, columns: number) => {
  const [stage, desk] = [await boxOf(page, '.middle'), await boxOf(page, '.talk')]
  expect(desk.x).toBeGreaterThanOrEqual(stage.right)
  if (columns === 2) expect(desk.width).toBe(320)
}

for (const { width, height, header, columns } of sizes) {
  test(`at ${width} × ${height} the header is one row, the graph has its height, and nothing is too wide`, async ({
    visit,
    room,
  }) => {
    const ann = await visit('Ann', { context: { viewport: { width, height }, ...calm } })
    const ben = await visit('Ben')
    await ann.enter(room)
    await ben.enter(room)
    await ann.waitForLinks([ben])
    const { page } = ann
    expect(await overflow(page)).toBe(0)
    await expectHeader(page, header)
    await expectGraph(page, height)
    const [people, stage] = [await boxOf(page, '.side'), await boxOf(page, '.middle')]
    expect(stage.x >= people.right).toBe(columns === 3 || width === 640)
    const tabs = page.getByRole('tablist')
    await expect(tabs).toHaveCount(columns === 1 ? 1 : 0)
    if (columns === 1) expect((await tabs.boundingBox())?.height).toBe(57)
    else await expectDesk(page, columns)
  })
}

test('from 1800 px on, sizes grow', async ({ three: [ann] }) => {
  const { page } = ann
  const widths = async () => ({
    people: (await boxOf(page, '.side')).width,
    graph: (await boxOf(page, '.canvas')).width,
    desk: (await boxOf(page, '.talk')).width,
  })
  await page.setViewportSize({ width: 1440, height: 900 })
  const usual = await widths()
  expect([usual.people, usual.desk]).toEqual([296, 416])
  await page.setViewportSize({ width: 2560, height: 1440 })
  const large = await widths()
  // In rem: 22, 64 and 32.
  expect(large).toEqual({ people: 396, graph: 1152, desk: 576 })
})

test('a long room name takes what the header has, and is told in full', async ({ visit }) => {
  const room = 'a long name that would not fit into twenty-eight rem, but fits beside the buttons'
  const ann = await visit('Ann', { context: { viewport: { width: 1440, height: 900 } } })
  await ann.enter(room)
  const heading = ann.page.getByRole('heading', { level: 1 })
  const isWhole = () =>
    heading.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)
  expect(await isWhole()).toBe(true)
  await ann.page.setViewportSize({ width: 360, height: 740 })
  expect(await isWhole()).toBe(false)
  await expect(heading).toHaveAttribute('title', room)
  expect(await overflow(ann.page)).toBe(0)
})

test('a dot says that all is well; on a phone, what is not well is a line of words', async ({
  visit,
  room,
  server,
}) => {
  const ann = await visit('Ann', { context: { viewport: { width: 360, height: 740 }, ...calm } })
  await ann.enter(room)
  expect((await boxOf(ann.page, '[role=status]')).width).toBeLessThan(24)
  await expect(ann.status).toHaveText('Connected')
  await server.kill()
  await expect(ann.status).toHaveText('Server disconnected. Others can join later')
  const line = await boxOf(ann.page, '[role=status]')
  expect([line.x, line.width]).toEqual([0, 360])
})

for (const [locale, minPx] of [
  ['en-GB', 13],
  ['zh-CN', 14],
] as const) {
  test(`targets are 44 px and text is ${minPx} px or more, in every view of a room (${locale})`, async ({
    visit,
    room,
  }) => {
    const ann = await visit('Ann', { context: { locale, ...calm } })
    const ben = await visit('Ben')
    await ann.enter(room)
    await ben.enter(room)
    await ann.waitForLinks([ben])
    await ben.send('Good morning')
    const { page } = ann
    const dialog = page.locator('dialog[open]')
    const expectSizes = async (view: string) => {
      expect([view, await smallTargets(page)]).toEqual([view, []])
      expect([view, await smallTexts(page, minPx)]).toEqual([view, []])
    }
    const openers = { menu: 'header button >> nth=1', share: 'header button >> nth=0' }
    for (const viewport of [
      { width: 360, height: 740 },
      { width: 1440, height: 900 },
    ]) {
      await page.setViewportSize(viewport)
      await expectSizes('room')
      for (const [view, opener] of [
        ...Object.entries(openers),
        ['person', '[data-peer-id] button >> nth=1'],
      ] as const) {
        await page.locator(opener).click()
        await expect(dialog).toBeVisible()
        await expectSizes(view)
        await page.keyboard.press('Escape')
        await expect(dialog).toHaveCount(0)
      }
      if (viewport.width > 680) continue
      await page.getByRole('tab').nth(1).click()
      await expectSizes('chat')
      await page.getByRole('tab').nth(0).click()
    }
  })
}

test('the desk is made wider by dragging and with arrow keys, and stays so', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { viewport: { width: 1600, height: 900 } } })
  await ann.enter(room)
  const { page } = ann
  const handle = page.getByRole('separator', { name: 'Width of the desk' })
  const width = async () => (await boxOf(page, '.talk')).width
  expect(await width()).toBe(416)
  await page.mouse.move(1600 - 416, 400)
  await page.mouse.down()
  await page.mouse.move(1600 - 500, 400)
  await page.mouse.up()
  expect(await width()).toBe(500)
  await handle.focus()
  await page.keyboard.press('ArrowLeft')
  expect(await width()).toBe(516)
  await page.keyboard.press('End')
  expect(await width()).toBe(640)
  await expect(handle).toHaveAttribute('aria-valuenow', '40')
  await page.reload()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
  expect(await width()).toBe(640)
  await handle.focus()
  await page.keyboard.press('Home')
  expect(await width()).toBe(416)
})

test('the colour of the browser bar is the paper of the theme, also after a switch', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  /** What a browser takes: the first tag whose media query matches. */
  const bar = () =>
    page.evaluate(() => {
      const metas = document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')
      const valid = Array.from(metas).find(({ media }) => media === '' || matchMedia(media).matches)
      const paint = document.createElement('i')
      paint.style.color = valid?.content ?? ''
      return paint.style.color
    })
  const paper = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await paper()
  expect(await bar()).toBe(dark)
  await page.getByRole('button', { name: 'Switch to light theme' }).click()
  const light = await paper()
  expect(light).not.toBe(dark)
  expect(await bar()).toBe(light)
  await page.reload()
  expect(await bar()).toBe(light)
  await page.getByRole('button', { name: 'Switch to dark theme' }).click()
  expect(await bar()).toBe(dark)
})

test('with forced colours, discs keep their dyes, and the switch shows its state', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { forcedColors: 'active', ...calm } })
  await ann.enter(room)
  const { page } = ann
  const background = (selector: string) =>
    page.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor)
  const canvas = await background('html')
  expect(await background('.avatar')).not.toBe(canvas)
  // Names in the graph are whole, and the system does not fill their outlines.
  const name = page.locator('.labels bdi')
  expect(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(
    true,
  )
  const stroke = await name.evaluate((label) => {
    const { webkitTextStrokeColor, color } = getComputedStyle(label)
    return [webkitTextStrokeColor, color]
  })
  expect(stroke[0]).not.toBe(stroke[1])
  await page.getByRole('button', { name: 'Menu' }).click()
  const item = page.getByRole('menuitemcheckbox', { name: 'I can host' })
  const on = await item.locator('.switch').screenshot()
  await item.click()
  await expect(item).toHaveAttribute('aria-checked', 'false')
  const off = await item.locator('.switch').screenshot()
  expect(on.equals(off)).toBe(false)
  // It has an edge: not only text is drawn.
  const edge = await item
    .locator('.switch')
    .evaluate((element) => getComputedStyle(element).borderColor)
  expect(edge).not.toBe(canvas)
})

for (const [width, height] of [
  [740, 360],
  [640, 360],
] as const) {
  test(`alone at ${width} × ${height}, one sees oneself without scrolling`, async ({
    visit,
    room,
  }) => {
    const ann = await visit('Ann', { context: { viewport: { width, height }, ...calm } })
    await ann.enter(room)
    const main = await boxOf(ann.page, 'main')
    expect((await boxOf(ann.page, '.disc')).bottom).toBeLessThan(main.bottom)
    expect((await boxOf(ann.page, '.canvas')).height).toBeGreaterThanOrEqual(220)
  })
}

test('a name in Arabic that wraps begins beside its avatar, as other names do', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: calm })
  const fatima = await visit('فاطمة الزهراء محمد علي عبدالله')
  await ann.enter(room)
  await fatima.enter(room)
  const names = ann.page.locator('[data-peer-id] bdi')
  await expect(names).toHaveCount(2)
  const lines = await names.nth(1).evaluate((name) => {
    const range = document.createRange()
    range.selectNodeContents(name)
    return Array.from(range.getClientRects(), ({ left }) => left)
  })
  expect(lines.length).toBeGreaterThan(1)
  const start = await names.nth(0).evaluate((name) => name.getBoundingClientRect().left)
  for (const line of lines) expect(Math.abs(line - start)).toBeLessThan(3)
})

test('axe finds nothing in a room on a phone, its menu and the sheet of a person', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { viewport: { width: 360, height: 740 }, ...calm } })
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  const { page } = ann
  const expectNothing = async (view: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect([view, violations.map(({ id }) => id)]).toEqual([view, []])
  }
  await expectNothing('room')
  await page.getByRole('button', { name: 'Menu' }).click()
  await expectNothing('menu')
  await page.keyboard.press('Escape')
  const sheet = await ann.openSheet('Ben')
  await expectNothing('person')
  await sheet.getByRole('button', { name: 'Give the crown…' }).click()
  await expectNothing('question')
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: 'Chat' }).click()
  await expectNothing('chat')
})
