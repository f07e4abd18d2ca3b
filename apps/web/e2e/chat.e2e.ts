import { expect, test } from './site-test.ts'

test('two visitors join a room, see each other and chat both ways', async ({ visit, room }) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await ben.waitForLinks([ann])
  await expect(ann.person('Ben')).toContainText('direct')

  await ann.send('Good morning')
  await expect(ben.message('Good morning')).toBeVisible()
  await ben.send('To you too')
  await expect(ann.message('To you too')).toBeVisible()
  await expect(ann.page.getByRole('log')).toContainText('Ben joined')
})

test('a multi-line message arrives unchanged, with clickable links and markup as plain text', async ({
  three,
}) => {
  const [ann, ben] = three
  const field = ann.page.getByLabel('Message', { exact: true })
  await field.fill('See https://example.org/x.')
  await field.press('Shift+Enter')
  await field.pressSequentially('<b>bold</b>')
  await field.press('Enter')
  const arrived = ben.page.locator('[data-from] .text')
  await expect(arrived).toHaveText('See https://example.org/x.\n<b>bold</b>', {
    useInnerText: true,
  })
  const link = arrived.getByRole('link')
  await expect(link).toHaveAttribute('href', 'https://example.org/x')
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer')
})

test('a message in an empty room is not an error', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await ann.send('Is anybody there?')
  await expect(ann.message('Is anybody there?')).toBeVisible()
  await expect(ann.page.locator('.sending')).toHaveCount(0)
  await expect(ann.page.getByRole('button', { name: 'Try again' })).toHaveCount(0)
})

test('messages received while the chat is hidden are counted in the title and on the tab', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann', { context: { viewport: { width: 360, height: 740 } } })
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ben.waitForLinks([ann])
  await ben.send('one')
  await ben.send('two')
  await expect(ann.page).toHaveTitle(`(2) ${room} · Skein`)
  await ann.page.getByRole('tab', { name: /Chat/ }).click()
  await expect(ann.message('two')).toBeVisible()
  await expect(ann.page).toHaveTitle(`${room} · Skein`)
})

test('two tabs of one browser are two peers', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  const second = await ann.page.context().newPage()
  await second.goto(`/#/r/${room}`)
  await expect(ann.person('Ann 2')).toHaveAttribute('data-link', 'open')
})

test('a message that was not delivered shows an error and can be sent again', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben')
  // Ben's browser never answers, so the link to him stays connecting.
  await ben.page.addInitScript(() => {
    RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => undefined)
  })
  await ann.enter(room)
  await ben.enter(room)
  await expect(ann.person('Ben')).toContainText('connecting…')
  await ann.send('Can you hear me?')
  await expect(ann.page.locator('.sending')).toHaveText('Can you hear me?')
  await ben.leave()
  const failure = ann.page.getByRole('alert')
  await expect(failure).toContainText('Not delivered to everyone: someone left before it arrived')
  await ann.page.getByRole('button', { name: 'Try again' }).click()
  await expect(failure).toHaveCount(0)
  await expect(ann.message('Can you hear me?')).toHaveCount(1)
})
