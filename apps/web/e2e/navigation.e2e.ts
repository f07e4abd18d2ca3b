import { expect, test } from './site-test.ts'

test('a new visitor fills in the form and joins; the profile is saved for next time', async ({
  page,
  room,
}) => {
  await page.goto('/')
  const field = page.getByLabel('Room name')
  await expect(field).toHaveValue(/^\w+-\w+-\w+$/)
  await page.getByLabel('Your name').fill(' ')
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(page.getByRole('alert')).toHaveText('Enter a name, so that others know who you are.')
  await expect(page.getByLabel('Your name')).toBeFocused()
  await page.getByLabel('Your name').fill('Dora')
  await page.getByRole('radio', { name: 'Plum' }).check({ force: true })
  await field.fill(room)
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(page.locator('[data-room]')).toHaveAttribute('data-room', room)
  await expect(page.locator('[data-peer-id]')).toContainText('Dora')

  const leave = async () => {
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('menuitem', { name: 'Leave room' }).click()
  }
  await leave()
  await expect(page.getByLabel('Your name')).toHaveValue('Dora')
  await expect(page.getByRole('radio', { name: 'Plum' })).toBeChecked()
  await page.getByRole('link', { name: room }).click()
  await expect(page.locator('[data-room]')).toHaveAttribute('data-status', 'connected')
  await leave()
  await page.getByRole('button', { name: `Remove ${room} from recent rooms` }).click()
  await expect(page.getByRole('link', { name: room })).toHaveCount(0)
})

test('an invalid room name is explained while it is typed', async ({ page }) => {
  await page.goto('/')
  const field = page.getByLabel('Room name')
  await field.fill('门'.repeat(43))
  await expect(page.getByRole('alert')).toContainText('one byte too long')
  await field.fill('blue\u0007door')
  await expect(page.getByRole('alert')).toContainText('control characters')
  await field.fill('')
  await page.getByRole('button', { name: 'Join room' }).click()
  await expect(page.getByRole('alert').first()).toContainText('Enter a room name')
  await expect(page).toHaveURL(/\/$/)
})

test('a room link shows new visitors an invitation, then the room, whatever its name', async ({
  page,
}) => {
  const room = '蓝门 🪿 50%/../__proto__'
  await page.goto(`/#/r/${encodeURIComponent(room)}`)
  await expect(page.getByRole('heading', { name: room })).toBeVisible()
  await page.getByLabel('Your name').fill('Dora')
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-room]')).toHaveAttribute('data-room', room)
  await expect(page).toHaveTitle(`${room} · Skein`)
})

test('the back button leaves the room', async ({ visit, room }) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.page.goto('/')
  await ben.enter(room)
  await expect(ann.person('Ben')).toHaveAttribute('data-link', 'open')
  await ben.page.goBack()
  await expect(ben.page.getByLabel('Room name')).toBeVisible()
  await expect(ann.person('Ben')).toHaveCount(0)
  await expect(ann.page.getByRole('log')).toContainText('Ben left')
  // Forward leads to the invitation, not into the room.
  await ben.page.goForward()
  await expect(ben.page.getByRole('heading', { name: room })).toBeVisible()
  await expect(ann.person('Ben')).toHaveCount(0)
  await ben.page.getByRole('button', { name: 'Join room' }).click()
  await expect(ann.person('Ben')).toHaveAttribute('data-link', 'open')
})

test('after leaving, Back leads to where one came from, not into the room', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  await ann.page.goto('/#/here')
  await ann.enter(room)
  await ann.leave()
  await expect(ann.page.getByLabel('Room name')).toBeVisible()
  await ann.page.goBack()
  await expect(ann.page).toHaveURL(/#\/here$/)
  await ann.page.goForward()
  await expect(ann.page.getByLabel('Room name')).toBeVisible()
  // A link is not a return.
  await ann.page.getByRole('link', { name: room }).click()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
})

test('a reload keeps the seat: the host is the same member and still the host', async ({
  visit,
  room,
}) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben')
  await ann.enter(room)
  await ben.enter(room)
  await ben.waitForLinks([ann])
  await ann.send('From Ann')
  await expect(ben.message('From Ann')).toBeVisible()
  await ben.send('From Ben')
  await expect(ann.message('From Ben')).toBeVisible()
  const before = await ann.roomState()
  await ann.page.reload()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
  await ann.waitForLinks([ben])
  await ben.waitForLinks([ann])
  expect(await ann.roomState()).toEqual(before)
  expect((await ben.roomState()).host).toBe(before.self)
  await expect(ben.page.getByRole('log')).not.toContainText(/Ann (left|lost|joined)/)
  // The chat of this tab is there again, and nothing in it is new.
  await expect(ann.page.locator('.message .text')).toHaveText(['From Ann', 'From Ben'])
  await expect(ann.page).toHaveTitle(/^[^(]/)
  await ann.send('Still me')
  await expect(ben.message('Still me')).toBeVisible()
})

test('a duplicated tab is another member', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await ann.send('Just for me')
  // As if it had been hidden, so that the chat is kept.
  await ann.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  // Opened by the page, a tab begins with a copy of its session storage.
  const opened = ann.page.waitForEvent('popup')
  await ann.page.evaluate(() => void window.open(location.href))
  const copy = (await opened).locator('[data-room]')
  await expect(copy).toHaveAttribute('data-status', 'connected')
  await expect(ann.person('Ann 2')).toHaveAttribute('data-link', 'open')
  const { self, host } = await ann.roomState()
  expect(host).toBe(self)
  expect(await copy.getAttribute('data-self')).not.toBe(self)
  await expect(copy).not.toContainText('Just for me')
})

test('joining and chatting work with the keyboard alone', async ({ visit, room, page }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await page.goto('/')
  const tabTo = async (name: string) => {
    for (let step = 0; step < 30; step += 1) {
      await page.keyboard.press('Tab')
      const label = await page.evaluate(() => {
        const focused = document.activeElement
        const labels = focused instanceof HTMLInputElement ? (focused.labels ?? []) : []
        return focused?.getAttribute('aria-label') ?? labels[0]?.textContent ?? ''
      })
      if (label === name) return
    }
    throw new Error(`Tab did not reach ${name}.`)
  }
  await tabTo('Room name')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(room)
  await tabTo('Your name')
  await page.keyboard.type('Dora')
  await page.keyboard.press('Enter')
  await expect(ann.person('Dora')).toHaveAttribute('data-link', 'open')
  await tabTo('Message')
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await expect(ann.message('hello')).toBeVisible()
})
