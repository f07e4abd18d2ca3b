import type { Page } from '@playwright/test'
import { expect, test } from './site-test.ts'

test.describe('a server with a recovery window', () => {
  // The default. Disconnected members return within 3 s.
  test.use({ settings: { SKEIN_REBUILD_MS: '5000' } })

  test('the server dies and comes back: people keep chatting, and the state is unchanged', async ({
    three,
    server,
  }) => {
    const [ann, ben, cleo] = three
    const before = await Promise.all(three.map((visitor) => visitor.roomState()))

    await server.kill()
    for (const visitor of three) {
      await expect(visitor.screen).toHaveAttribute('data-status', 'degraded')
      await expect(visitor.status).toHaveText('Server disconnected. Chat still works')
    }
    await ann.page.getByRole('button', { name: 'Menu' }).click()
    const canHost = ann.page.getByRole('menuitemcheckbox', { name: 'I can host' })
    await expect(canHost).toBeDisabled()
    await ann.page.keyboard.press('Escape')
    await ann.send('Hello without a server')
    for (const visitor of [ben, cleo]) {
      await expect(visitor.message('Hello without a server')).toBeVisible()
    }

    await server.start()
    for (const visitor of three) {
      await expect(visitor.screen).toHaveAttribute('data-status', 'connected', { timeout: 30_000 })
    }
    expect(await Promise.all(three.map((visitor) => visitor.roomState()))).toEqual(before)
    await cleo.send('Welcome back')
    await expect(ann.message('Welcome back')).toBeVisible()
    await expect(ann.page.getByRole('log')).not.toContainText('left')
  })
})

test('someone alone is not told that chat still works', async ({ visit, room, server }) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await server.kill()
  await expect(ann.status).toHaveText('Server disconnected. Others can join later')
})

const openRoom = (page: Page, room: string) =>
  page.evaluate((hash) => {
    location.hash = hash
  }, `#/r/${room}`)

test('an unreachable server is explained, and a retry succeeds once it is back', async ({
  visit,
  room,
  server,
}) => {
  const ann = await visit('Ann')
  await ann.enter(room)
  await ann.leave()
  await expect(ann.page.getByRole('button', { name: 'Join room' })).toBeVisible()
  await server.kill()
  await openRoom(ann.page, room)
  await expect(ann.page.getByRole('status')).toContainText('Still trying')
  await expect(ann.page.getByRole('alert')).toContainText('Cannot reach the server', {
    timeout: 30_000,
  })
  await server.start()
  await ann.page.getByRole('button', { name: 'Try again' }).click()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
})

test('a server that is gone before the first join is explained, and a retry succeeds', async ({
  visit,
  room,
  server,
}) => {
  const ann = await visit('Ann')
  await ann.page.goto('/')
  // The page loads the room while the visitor reads.
  await ann.page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('/RoomScreen-')),
  )
  await server.kill()
  await openRoom(ann.page, room)
  await expect(ann.page.getByRole('alert')).toContainText('Cannot reach the server', {
    timeout: 30_000,
  })
  await server.start()
  await ann.page.getByRole('button', { name: 'Try again' }).click()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
})

test.describe('a room for two', () => {
  test.use({ settings: { SKEIN_MAX_ROOM_MEMBERS: '2' } })

  test('rejects a third visitor, who can join once someone has left', async ({ visit, room }) => {
    const [ann, ben, cleo] = [await visit('Ann'), await visit('Ben'), await visit('Cleo')]
    await ann.enter(room)
    await ben.enter(room)
    await cleo.page.goto(`/#/r/${room}`)
    await expect(cleo.page.getByRole('alert')).toContainText('This room is full')
    await ben.leave()
    await expect(ann.person('Ben')).toHaveCount(0)
    await cleo.page.getByRole('button', { name: 'Try again' }).click()
    await expect(cleo.screen).toHaveAttribute('data-status', 'connected')
  })
})

test('a browser without WebRTC gets an explanation', async ({ visit, room }) => {
  const ann = await visit('Ann')
  await ann.page.addInitScript(() => {
    Reflect.deleteProperty(window, 'RTCPeerConnection')
  })
  await ann.page.goto(`/#/r/${room}`)
  await expect(ann.page.getByRole('alert')).toContainText('WebRTC')
  await expect(ann.page.getByRole('link', { name: 'Back to home' })).toBeVisible()
})

test('a member whose page has crashed is told as disconnected, and later as gone', async ({
  three,
}) => {
  const [ann, ben] = three
  await ben.page.goto('chrome://crash').catch(() => {})
  const log = ann.page.getByRole('log')
  await expect(log).toContainText('Ben lost the connection to the server')
  await expect(log).toContainText('Ben lost connection')
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

test('the sheet of someone who lost the connection says so, and closes when they are gone', async ({
  three,
}) => {
  const [ann, ben] = three
  await ann.openSheet('Ben')
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
