import { expect, test } from './site-test.ts'

test('three visitors agree on the host and the term', async ({ three }) => {
  const reigns = await Promise.all(three.map((visitor) => visitor.reign()))
  expect(new Set(reigns.map(({ host }) => host)).size).toBe(1)
  expect(new Set(reigns.map(({ term }) => term)).size).toBe(1)
  expect(new Set(reigns.map(({ epoch }) => epoch)).size).toBe(1)
  expect(reigns[0]?.host).toBe(reigns[0]?.self)
  expect(new Set(reigns.map(({ self }) => self)).size).toBe(3)
})

test('when the host goes to another page, the crown moves on at once', async ({ three }) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.reign()
  await ann.page.goto('about:blank')
  for (const visitor of [ben, cleo]) {
    await visitor.sees({ name: 'Ben', term: term + 1 })
    await expect(visitor.person('Ann')).toHaveCount(0)
    await expect(visitor.page.getByRole('log')).toContainText('Ann left')
  }
  await expect(cleo.page.locator('[aria-live]')).toContainText(`Ben is host now, term ${term + 1}`)
})

test('when the tab of the host crashes, the next in join order is host after the grace', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.reign()
  const devtools = await ann.page.context().newCDPSession(ann.page)
  // Never answered: the renderer that would answer is gone.
  void devtools.send('Page.crash').catch(() => undefined)
  await expect(ben.person('Ann')).toHaveAttribute('data-online', 'false')
  for (const visitor of [ben, cleo]) await visitor.sees({ name: 'Ben', term: term + 1 })
  await cleo.say('still here')
  await expect(ben.message('still here')).toBeVisible()
})

test('the host gives the crown to someone', async ({ three }) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.reign()
  await ann.page.getByRole('button', { name: 'Give the crown to Cleo' }).click()
  for (const visitor of [ann, ben, cleo]) await visitor.sees({ name: 'Cleo', term: term + 1 })
  await expect(ann.page.getByRole('button', { name: /Give the crown/ })).toHaveCount(0)
  await expect(cleo.page.getByRole('button', { name: 'Give the crown to Ben' })).toBeVisible()
})

test('a host that will not host gives up the crown, and may take it when nobody has it', async ({
  three,
}) => {
  const [ann, ben, cleo] = three
  const { term } = await ann.reign()
  const canHost = (visitor: typeof ann) => visitor.page.getByRole('switch', { name: 'I can host' })
  await canHost(ann).uncheck()
  for (const visitor of [ann, ben, cleo]) await visitor.sees({ name: 'Ben', term: term + 1 })
  await expect(ben.person('Ann')).toContainText('does not host')
  await canHost(cleo).uncheck()
  await expect(ben.person('Cleo')).toContainText('does not host')
  await canHost(ben).uncheck()
  await expect(cleo.page.getByText('Nobody is host', { exact: true })).toBeVisible()
  await canHost(ann).check()
  for (const visitor of [ann, ben, cleo]) await visitor.sees({ name: 'Ann', term: term + 3 })
})

test('whoever comes to a room that emptied is host, with a higher epoch', async ({
  come,
  room,
}) => {
  const ann = await come('Ann')
  await ann.enter(room)
  const before = await ann.reign()
  await ann.page.getByRole('button', { name: 'Leave the room' }).click()
  await expect(ann.page.getByRole('button', { name: 'Enter room' })).toBeVisible()
  const ben = await come('Ben')
  await ben.enter(room)
  const after = await ben.reign()
  expect(after.host).toBe(after.self)
  expect(after.self).not.toBe(before.self)
  expect(after.epoch).toBeGreaterThan(before.epoch)
})
