import { expect, test } from './site-test.ts'
import { expectActive } from './visitor.ts'

test('three visitors agree on the host and the term', async ({ three }) => {
  const states = await Promise.all(three.map((visitor) => visitor.roomState()))
  expect(new Set(states.map(({ host }) => host)).size).toBe(1)
  expect(new Set(states.map(({ term }) => term)).size).toBe(1)
  expect(new Set(states.map(({ epoch }) => epoch)).size).toBe(1)
  expect(states[0]?.host).toBe(states[0]?.self)
  expect(new Set(states.map(({ self }) => self)).size).toBe(3)
})

test('when the host leaves the room, the crown moves immediately', async ({ three }) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.roomState()
  await ann.leave()
  for (const visitor of [ben, cleo]) {
    await visitor.expectHost({ name: 'Ben', term: term + 1 })
    await expect(visitor.person('Ann')).toHaveCount(0)
    await expect(visitor.page.getByRole('log')).toContainText('Ann left')
  }
  await expect(cleo.page.locator('[aria-live]')).toContainText('Ben is now the host')
})

test('when the host closes its tab, the crown moves as soon as it cannot be a reload any more', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.roomState()
  await ann.page.close({ runBeforeUnload: true })
  for (const visitor of [ben, cleo]) {
    // A reload has 3 s to come back, where a lost member has 10 s.
    await expect(visitor.person('Ann')).toHaveCount(0, { timeout: 6_000 })
    await visitor.expectHost({ name: 'Ben', term: term + 1 })
  }
})

test('the host hands the crown to someone else', async ({ three }) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.roomState()
  const crown = { name: 'Give the crown…' } as const
  const sheet = await ann.openSheet('Cleo')
  await sheet.getByRole('button', crown).click()
  // One click gives nothing away.
  await expect(sheet).toContainText('Only Cleo can give the crown back to you.')
  await expect(sheet.getByRole('button', { name: 'Give the crown', exact: true })).not.toBeFocused()
  expect((await ann.roomState()).host).toBe((await ann.roomState()).self)
  await sheet.getByRole('button', { name: 'Cancel' }).click()
  await expectActive(ann.person('Cleo').getByRole('button'))

  await ann.giveCrown('Cleo')
  for (const visitor of [ann, ben, cleo]) await visitor.expectHost({ name: 'Cleo', term: term + 1 })
  await expectActive(ann.person('Cleo').getByRole('button'))
  const own = await ann.openSheet('Ben')
  await expect(own.getByRole('button', crown)).toHaveCount(0)
  await expect((await cleo.openSheet('Ben')).getByRole('button', crown)).toBeVisible()
})

test('someone who cannot host is not offered the crown, and one who can is', async ({ three }) => {
  const [ann, , cleo] = three
  await cleo.setCanHost(false)
  await expect(ann.person('Cleo')).toContainText('cannot host')
  const sheet = await ann.openSheet('Cleo')
  await expect(sheet).toContainText('Does not want to be the host.')
  await expect(sheet.getByRole('button', { name: /crown/ })).toHaveCount(0)
  await ann.page.keyboard.press('Escape')
  await ann.openSheet('Ben')
  await expect(ann.page.getByRole('button', { name: 'Give the crown…' })).toBeVisible()
})

test('a disc in the graph opens the sheet of its person, by mouse and by keyboard', async ({
  three: [ann],
}) => {
  // Firefox gives keys to the page in front alone.
  await ann.page.bringToFront()
  const disc = (name: string) => ann.page.locator('.canvas').getByRole('button', { name })
  await disc('Ben').click()
  await expect(ann.page.getByRole('dialog', { name: 'Ben' })).toContainText('Connected directly.')
  await ann.page.keyboard.press('Escape')
  await expectActive(disc('Ben'))
  // The graph is one stop for the Tab key.
  await ann.page.keyboard.press('ArrowRight')
  await expectActive(disc('Cleo'))
  await ann.page.keyboard.press('Enter')
  await expect(ann.page.getByRole('dialog', { name: 'Cleo' })).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expectActive(disc('Cleo'))
  await ann.page.keyboard.press('Tab')
  await expect(disc('Cleo')).not.toBeFocused()
  await expect(ann.page.locator('.canvas :focus')).toHaveCount(0)
})

test('a host that turns hosting off loses the crown and can take it again when there is no host', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.roomState()
  await ann.setCanHost(false)
  for (const visitor of [ann, ben, cleo]) await visitor.expectHost({ name: 'Ben', term: term + 1 })
  await expect(ben.person('Ann')).toContainText('cannot host')
  await cleo.setCanHost(false)
  await expect(ben.person('Cleo')).toContainText('cannot host')
  await ben.setCanHost(false)
  await expect(cleo.page.getByText('No host right now', { exact: true })).toBeVisible()
  await ann.setCanHost(true)
  for (const visitor of [ann, ben, cleo]) await visitor.expectHost({ name: 'Ann', term: term + 3 })
})

test('the first to join a room that was empty becomes host, with a higher epoch', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  const before = await ann.roomState()
  await ann.leave()
  await expect(ann.page.getByRole('button', { name: 'Join room' })).toBeVisible()
  const ben = await visit('Ben')
  await ben.enter(room)
  const after = await ben.roomState()
  expect(after.host).toBe(after.self)
  expect(after.self).not.toBe(before.self)
  expect(after.epoch).toBeGreaterThan(before.epoch)
})
