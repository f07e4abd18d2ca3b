import { expect, test } from './site-test.ts'
import { expectActive } from './visitor.ts'

test('those who join between two messages are told in one line', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  for (const name of ['Ben', 'Cleo', 'Dan', 'Eve']) await (await visit(name)).enter(room)
  const log = ann.page.getByRole('log')
  await expect(log).toContainText('Ben, Cleo and 2 others joined')
  await expect(log.locator('.notice')).toHaveCount(1)
  await expect(log).not.toContainText('term')
  // In another language as well.
  await ann.page.getByRole('button', { name: 'Menu' }).click()
  await ann.page.getByRole('menuitemradio', { name: '简体中文' }).click()
  await expect(log).toContainText('Ben、Cleo和另外 2 人 加入了')
})

test('the line under the graph fades, and only one of the two speaks', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await (await visit('Ben')).enter(room)
  const line = ann.page.locator('p', { hasText: 'Ben joined' }).last()
  const event = ann.page.locator('[aria-live="off"][aria-hidden="true"]')
  await expect(event).toHaveText('Ben joined')
  await expect(line).toBeVisible()
  await expect(event.locator('span')).toBeHidden({ timeout: 10_000 })
  await expect(ann.page.getByRole('log')).toContainText('Ben joined')
  // Where the log is not shown, the line speaks.
  await ann.page.setViewportSize({ width: 360, height: 740 })
  await expect(ann.page.locator('[aria-live="polite"]', { hasText: 'Ben joined' })).toHaveCount(1)
})

test('words that nobody was there to hear say so, and go to the next who comes', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await ann.send('hello?')
  await ann.send('anybody?')
  const notes = ann.page.getByText('Nobody was here to hear this.')
  await expect(notes).toHaveCount(2)
  const button = ann.page.getByRole('button', { name: 'Send now' })
  await expect(button).toHaveCount(0)
  const ben = await visit('Ben')
  await ben.enter(room)
  await ann.waitForLinks([ben])
  // Firefox gives keys to the page in front alone.
  await ann.page.bringToFront()
  await button.press('Enter')
  await expectActive(ann.page.getByRole('log'))
  await expect(ben.page.locator('.message .text')).toHaveText(['hello?', 'anybody?'])
  await expect(notes).toHaveCount(0)
  await ann.send('good')
  await expect(ben.message('good')).toBeVisible()
  await expect(notes).toHaveCount(0)
})
