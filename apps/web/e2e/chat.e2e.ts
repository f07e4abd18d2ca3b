import { expect, test } from './site-test.ts'

test('two visitors enter a room, see each other and talk both ways', async ({ come, room }) => {
  const ann = await come('Ann')
  const ben = await come('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ann.isLinkedTo([ben])
  await ben.isLinkedTo([ann])
  await expect(ann.person('Ben')).toContainText('direct')

  await ann.say('Good morning')
  await expect(ben.message('Good morning')).toBeVisible()
  await ben.say('To you too')
  await expect(ann.message('To you too')).toBeVisible()
  await expect(ann.page.getByRole('log')).toContainText('Ben came in')
})

test('a message of several lines arrives as it was written, links can be clicked, markup is text', async ({
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

test('a message to nobody is no error', async ({ come, room }) => {
  const ann = await come('Ann')
  await ann.enter(room)
  await ann.say('Is anybody there?')
  await expect(ann.message('Is anybody there?')).toBeVisible()
  await expect(ann.page.locator('.sending')).toHaveCount(0)
  await expect(ann.page.getByRole('button', { name: 'Try again' })).toHaveCount(0)
})

test('what comes in while the chat is out of sight is counted in the title and on the tab', async ({
  come,
  room,
}) => {
  const ann = await come('Ann', { context: { viewport: { width: 360, height: 740 } } })
  const ben = await come('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ben.isLinkedTo([ann])
  await ben.say('one')
  await ben.say('two')
  await expect(ann.page).toHaveTitle(`(2) ${room} · Skein`)
  await ann.page.getByRole('button', { name: /Chat/ }).click()
  await expect(ann.message('two')).toBeVisible()
  await expect(ann.page).toHaveTitle(`${room} · Skein`)
})

test('two tabs of one browser are two peers', async ({ come, room }) => {
  const ann = await come('Ann')
  await ann.enter(room)
  const second = await ann.page.context().newPage()
  await second.goto(`/#/r/${room}`)
  await expect(ann.person('Ann 2')).toHaveAttribute('data-link', 'open')
})

test('a message that did not get through says so, and can be sent again', async ({
  come,
  room,
}) => {
  const ann = await come('Ann')
  const ben = await come('Ben')
  // Ben's browser never answers: the link to him stays under way.
  await ben.page.addInitScript(() => {
    RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => undefined)
  })
  await ann.enter(room)
  await ben.enter(room)
  await expect(ann.person('Ben')).toContainText('connecting…')
  await ann.say('Can you hear me?')
  await expect(ann.message('Can you hear me?')).toHaveClass(/sending/)
  await ben.page.getByRole('button', { name: 'Leave the room' }).click()
  const failure = ann.page.getByRole('alert')
  await expect(failure).toContainText('Not delivered to everyone: someone left before it arrived')
  await ann.page.getByRole('button', { name: 'Try again' }).click()
  await expect(failure).toHaveCount(0)
  await expect(ann.message('Can you hear me?')).toHaveCount(1)
})
