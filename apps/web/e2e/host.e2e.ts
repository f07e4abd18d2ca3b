import { expect, test } from './site-test.ts'

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
  await expect(cleo.page.locator('[aria-live]')).toContainText(
    `Ben is now the host, term ${term + 1}`,
  )
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

test('when the tab of the host crashes, the next in join order becomes host after the grace period', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.roomState()
  const devtools = await ann.page.context().newCDPSession(ann.page)
  // This never resolves: the renderer that would reply has crashed.
  void devtools.send('Page.crash').catch(() => undefined)
  await expect(ben.person('Ann')).toHaveAttribute('data-online', 'false')
  for (const visitor of [ben, cleo]) await visitor.expectHost({ name: 'Ben', term: term + 1 })
  await cleo.send('still here')
  await expect(ben.message('still here')).toBeVisible()
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
  await expect(ann.person('Cleo').getByRole('button')).toBeFocused()

  await ann.giveCrown('Cleo')
  for (const visitor of [ann, ben, cleo]) await visitor.expectHost({ name: 'Cleo', term: term + 1 })
  await expect(ann.person('Cleo').getByRole('button')).toBeFocused()
  const own = await ann.openSheet('Ben')
  await expect(own.getByRole('button', crown)).toHaveCount(0)
  await expect((await cleo.openSheet('Ben')).getByRole('button', crown)).toBeVisible()
})

test('someone who cannot host is not offered the crown, and whoever lost the connection is away', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  await cleo.setCanHost(false)
  await expect(ann.person('Cleo')).toContainText('cannot host')
  const sheet = await ann.openSheet('Cleo')
  await expect(sheet).toContainText('Does not want to be the host.')
  await expect(sheet.getByRole('button', { name: /crown/ })).toHaveCount(0)
  await ann.page.keyboard.press('Escape')
  await ann.openSheet('Ben')
  await expect(ann.page.getByRole('button', { name: 'Give the crown…' })).toBeVisible()
  const devtools = await ben.page.context().newCDPSession(ben.page)
  // This never resolves: the renderer that would reply has crashed.
  void devtools.send('Page.crash').catch(() => undefined)
  await expect(ann.page.getByRole('dialog')).toContainText('Lost the connection to the server')
  await expect(ann.page.getByRole('button', { name: 'Give the crown…' })).toHaveCount(0)
  await expect(ann.person('Ben')).toContainText('away')
  // Gone for good: the sheet closes, and the focus is not lost with the row.
  await expect(ann.person('Ben')).toHaveCount(0)
  await expect(ann.page.getByRole('dialog')).toBeHidden()
  await expect(ann.page.locator('body')).not.toBeFocused()
})

test('a disc in the graph opens the sheet of its person, by mouse and by keyboard', async ({
  three: [ann],
}) => {
  const disc = (name: string) => ann.page.locator('.canvas').getByRole('button', { name })
  await disc('Ben').click()
  await expect(ann.page.getByRole('dialog', { name: 'Ben' })).toContainText('Connected directly.')
  await ann.page.keyboard.press('Escape')
  await expect(disc('Ben')).toBeFocused()
  // The graph is one stop for the Tab key.
  await ann.page.keyboard.press('ArrowRight')
  await expect(disc('Cleo')).toBeFocused()
  await ann.page.keyboard.press('Enter')
  await expect(ann.page.getByRole('dialog', { name: 'Cleo' })).toBeVisible()
  await ann.page.keyboard.press('Escape')
  await expect(disc('Cleo')).toBeFocused()
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
