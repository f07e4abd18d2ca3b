import { expect, test } from './site-test.ts'

test('10 KB that are pasted stay whole; the page says what is too much, and sends what fits', async ({
  visit,
  room,
}) => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  const { page } = ann
  const field = page.getByLabel('Message', { exact: true })
  const pasted = 'lorem ipsum '.repeat(860)
  await field.focus()
  await page.evaluate((text) => {
    document.execCommand('insertText', false, text)
  }, pasted)
  await expect(field).toHaveValue(pasted)
  const excess = pasted.trimEnd().length - 8_000
  await expect(page.getByRole('alert')).toContainText(`${excess} characters too many`)
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled()
  await field.press('Enter')
  await expect(field).toHaveValue(pasted)
  await field.fill('x'.repeat(7_990))
  await expect(page.getByText('10 characters left')).toBeVisible()
  await field.fill(`${'x'.repeat(7_996)} end`)
  await field.press('Enter')
  await expect(ben.page.locator('.message .text')).toHaveText(/^x{7996} end$/)
  await expect(field).toHaveValue('')
})

test('code keeps its indentation, three backticks make a block, and a few emoji are large', async ({
  visit,
  room,
}) => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await ann.send('    indented')
  await ann.send('look:\n```js\n  <b>x</b>\n```')
  await ann.send('👍🏽 🎉')
  const texts = ben.page.locator('.message .text')
  await expect(texts).toHaveCount(3)
  expect(
    await texts
      .nth(0)
      .locator('p')
      .evaluate((p) => p.textContent?.trimEnd()),
  ).toContain('    indented')
  await expect(texts.nth(1).locator('pre')).toHaveText('  <b>x</b>', { useInnerText: true })
  const sizeOf = (index: number) =>
    texts
      .nth(index)
      .locator('p')
      .first()
      .evaluate((p) => Number.parseFloat(getComputedStyle(p).fontSize))
  expect(await sizeOf(2)).toBeGreaterThan(2 * (await sizeOf(0)))
})

test('the bar of a message is on its speaker’s side, whatever direction the words have', async ({
  visit,
  room,
}) => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await ann.send('مرحبا بالجميع')
  const bars = ({ page }: typeof ann) =>
    page.locator('.message .text').evaluate((text) => {
      const { borderLeftWidth, borderRightWidth } = getComputedStyle(text)
      return [borderLeftWidth, borderRightWidth]
    })
  await expect(ben.message('مرحبا بالجميع')).toBeVisible()
  expect(await bars(ann)).toEqual(['0px', '3px'])
  expect(await bars(ben)).toEqual(['3px', '0px'])
})
