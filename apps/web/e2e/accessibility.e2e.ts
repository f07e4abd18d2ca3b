import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './site-test.ts'
import type { Visitor } from './visitor.ts'

const looks = [
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', forcedColors: 'active' },
] as const

/** What a person sees in a room, one after the other. */
const screens: Readonly<Record<string, (visitor: Visitor) => Promise<unknown>>> = {
  room: async () => {},
  menu: ({ page }) => page.getByRole('button', { name: 'Menu' }).click(),
  share: ({ page }) => page.getByRole('button', { name: 'Share' }).click(),
  person: (visitor) => visitor.openSheet('Ben'),
  crown: async (visitor) => {
    const sheet = await visitor.openSheet('Ben')
    await sheet.getByRole('button', { name: 'Give the crown…' }).click()
  },
  chat: async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.getByRole('tab', { name: /Chat/ }).click()
  },
}

const violationsOf = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => [id, nodes[0]?.html])
}

for (const look of looks) {
  test(`axe finds nothing in a room, its menu, its sheets and its chat: ${Object.values(look).join(', ')}`, async ({
    visit,
    room,
  }) => {
    const ann = await visit('Ann', { context: { ...look, reducedMotion: 'reduce' } })
    const ben = await visit('Ben')
    await ann.enter(room)
    expect(await violationsOf(ann.page), 'alone').toEqual([])
    await ann.send('anybody?')
    await ben.enter(room)
    await ann.waitForLinks([ben])
    await ben.send('look:\n```\n  code\n```\nhttps://example.org')
    await expect(ann.page.getByRole('link', { name: 'https://example.org' })).toBeVisible()
    for (const [name, open] of Object.entries(screens)) {
      await open(ann)
      expect(await violationsOf(ann.page), name).toEqual([])
      await ann.page.keyboard.press('Escape')
      await expect(ann.page.locator('dialog[open]')).toHaveCount(0)
    }
  })
}

test('with forced colours, the dots of the dyes differ and the switch shows which way it is', async ({
  page,
  server,
  visit,
  room,
}) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto(server.url)
  const dots = await page.getByRole('radio').all()
  const pictures = await Promise.all(dots.map((dot) => dot.screenshot()))
  expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(8)

  const ann = await visit('Ann', { context: { forcedColors: 'active', reducedMotion: 'reduce' } })
  await ann.enter(room)
  await ann.page.getByRole('button', { name: 'Menu' }).click()
  const item = ann.page.getByRole('menuitemcheckbox', { name: /I can host/ })
  const on = await item.screenshot()
  await item.click()
  await expect(item).toHaveAttribute('aria-checked', 'false')
  expect((await item.screenshot()).equals(on)).toBe(false)
})
