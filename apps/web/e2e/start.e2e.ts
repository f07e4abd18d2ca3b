import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContextOptions } from '@playwright/test'
import { overflow, smallTargets, smallTexts } from './measure.ts'
import { expect, test } from './site-test.ts'

const sizes = [
  [360, 740],
  [740, 360],
  [768, 1024],
  [1440, 900],
  [2560, 1440],
] as const

const screens = (room: string) =>
  [
    ['start', '/'],
    ['invitation', `/#/r/${room}`],
    ['wrong name', `/#/r/${'x'.repeat(200)}`],
  ] as const

const open = async (browser: Browser, options: BrowserContextOptions) =>
  (await browser.newContext(options)).newPage()

test('from the start page to a room takes one click and no typing', async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page.getByLabel('Your name')).toHaveValue(/^[A-Z]\w+ \w+$/)
  const name = await page.getByLabel('Your name').inputValue()
  const room = await page.getByLabel('Room name').inputValue()
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(page.locator('[data-room]')).toHaveAttribute('data-room', room)
  await expect(page.locator('[data-peer-id]')).toContainText(name)
})

test('on a Chinese page both proposed names are Chinese, and follow a switch of the language', async ({
  browser,
  server,
}) => {
  const page = await open(browser, { baseURL: server.url, locale: 'zh-CN' })
  await page.goto('/')
  const [name, room] = [page.getByLabel('你的名字'), page.getByLabel('房间名')]
  await expect(name).toHaveValue(/^\p{Script=Han}+$/u)
  await expect(room).toHaveValue(/^(?:\p{Script=Han}+-){2}\p{Script=Han}+$/u)
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.getByLabel('Your name')).toHaveValue(/^[A-Z]\w+ \w+$/)
  await page.getByLabel('Your name').fill('Dora')
  await page.getByRole('button', { name: '简体中文' }).click()
  await expect(name).toHaveValue('Dora')
  await page.context().close()
})

test('a name that is too long says by how much, under its field, and is not cut', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  const field = page.getByLabel('Your name')
  await field.fill('N'.repeat(35))
  const problem = page.getByRole('alert')
  await expect(problem).toHaveText('3 characters too long: a name can have 32.')
  const [fieldBox, problemBox] = [await field.boundingBox(), await problem.boundingBox()]
  expect((problemBox?.y ?? 999) - (fieldBox?.y ?? 0) - (fieldBox?.height ?? 0)).toBeLessThan(12)
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(field).toBeFocused()
  await expect(field).toHaveValue('N'.repeat(35))
})

test('an invitation says what this is, and Enter accepts it', async ({ page, server, room }) => {
  await page.goto(`${server.url}/#/r/${room}`)
  await expect(page.getByRole('heading', { name: room })).toBeVisible()
  await expect(page.getByText('Nothing to install.')).toBeVisible()
  await expect(page.getByLabel('Your name')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-room]')).toHaveAttribute('data-room', room)
})

test('a link with a wrong name says what is wrong with it and leads to another room', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}/#/r/${'x'.repeat(200)}`)
  await expect(page.getByRole('alert')).toContainText('72 bytes too long')
  await page.goto(`${server.url}/#/r/a%07b`)
  await expect(page.getByRole('alert')).toContainText('control characters')
  await page.getByRole('link', { name: 'Open another room' }).click()
  await expect(page.getByLabel('Room name')).toBeVisible()
})

test('a messenger finds a title, a sentence and a picture of the right size', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  const contentOf = (name: string) =>
    page.locator(`meta[property="og:${name}"]`).getAttribute('content')
  expect(await contentOf('title')).toBe('Skein')
  expect(await contentOf('description')).toContain('browser to browser')
  const image = (await contentOf('image')) ?? ''
  const response = await page.request.get(new URL(image, server.url).href)
  expect(response.headers()['content-type']).toBe('image/png')
  const bytes = await response.body()
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1_200, 630])
})

test('the footer leads to the errors and the licence, beside the site', async ({
  page,
  server,
}) => {
  await page.goto(server.url)
  for (const [name, text] of [
    ['Errors', 'bad-argument'],
    ['MIT licence', 'MIT License'],
  ] as const) {
    const href = await page
      .getByRole('link', { name })
      .evaluate((link: HTMLAnchorElement) => link.href)
    const response = await page.request.get(href)
    expect(response.status()).toBe(200)
    expect(await response.text()).toContain(text)
  }
})

for (const locale of ['en-GB', 'zh-CN']) {
  test(`start, invitation and errors fit every size, in ${locale}`, async ({
    browser,
    server,
    room,
  }) => {
    for (const [width, height] of sizes) {
      const page = await open(browser, { baseURL: server.url, locale, viewport: { width, height } })
      for (const [name, path] of screens(room)) {
        const where = `${name}, ${width} × ${height}`
        await page.goto('about:blank')
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        expect(await overflow(page), where).toBe(0)
        expect(await smallTargets(page), where).toEqual([])
        expect(await smallTexts(page, locale === 'zh-CN' ? 14 : 13), where).toEqual([])
      }
      await page.context().close()
    }
  })
}

for (const look of [
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', forcedColors: 'active' },
] as const) {
  test(`axe finds nothing on start, invitation and errors: ${Object.values(look).join(', ')}`, async ({
    browser,
    server,
    room,
  }) => {
    const page = await open(browser, { baseURL: server.url, locale: 'en-GB', ...look })
    for (const [name, path] of screens(room)) {
      await page.goto('about:blank')
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        name,
      ).toEqual([])
    }
    await page.context().close()
  })
}
