import { expect, test } from './site-test.ts'

test.describe('a server that waits for its members when it starts', () => {
  // As a real one does: whoever lost it comes back within 3 s.
  test.use({ settings: { SKEIN_REBUILD_MS: '5000' } })

  test('the server dies and comes back: people keep talking, and everything is as it was', async ({
    three,
    server,
  }) => {
    const [ann, ben, cleo] = three
    const before = await Promise.all(three.map((visitor) => visitor.reign()))

    await server.kill()
    for (const visitor of three) {
      await expect(visitor.screen).toHaveAttribute('data-status', 'degraded')
      await expect(visitor.status).toHaveText('Server away. You can keep talking')
    }
    await expect(ann.page.getByRole('switch', { name: 'I can host' })).toBeDisabled()
    await ann.say('Hello without a server')
    for (const visitor of [ben, cleo]) {
      await expect(visitor.message('Hello without a server')).toBeVisible()
    }

    await server.start()
    for (const visitor of three) {
      await expect(visitor.screen).toHaveAttribute('data-status', 'connected', { timeout: 30_000 })
    }
    expect(await Promise.all(three.map((visitor) => visitor.reign()))).toEqual(before)
    await cleo.say('Welcome back')
    await expect(ann.message('Welcome back')).toBeVisible()
    await expect(ann.page.getByRole('log')).not.toContainText('left')
  })
})

test('someone alone is not told to keep talking', async ({ come, room, server }) => {
  const ann = await come('Ann')
  await ann.enter(room)
  await server.kill()
  await expect(ann.status).toHaveText('Server away. Others can come in when it is back')
})

test('a server that cannot be reached is explained, and trying again helps', async ({
  come,
  room,
  server,
}) => {
  const ann = await come('Ann')
  await ann.page.goto('/')
  await server.kill()
  await ann.page.evaluate((hash) => {
    location.hash = hash
  }, `#/r/${room}`)
  await expect(ann.page.getByRole('status')).toContainText('Still trying')
  await expect(ann.page.getByRole('alert')).toContainText('The server cannot be reached', {
    timeout: 30_000,
  })
  await server.start()
  await ann.page.getByRole('button', { name: 'Try again' }).click()
  await expect(ann.screen).toHaveAttribute('data-status', 'connected')
})

test.describe('a room for two', () => {
  test.use({ settings: { SKEIN_MAX_ROOM_MEMBERS: '2' } })

  test('tells the third that it is full, and lets them in when someone has left', async ({
    come,
    room,
  }) => {
    const [ann, ben, cleo] = [await come('Ann'), await come('Ben'), await come('Cleo')]
    await ann.enter(room)
    await ben.enter(room)
    await cleo.page.goto(`/#/r/${room}`)
    await expect(cleo.page.getByRole('alert')).toContainText('This room is full')
    await ben.page.getByRole('button', { name: 'Leave the room' }).click()
    await expect(ann.person('Ben')).toHaveCount(0)
    await cleo.page.getByRole('button', { name: 'Try again' }).click()
    await expect(cleo.screen).toHaveAttribute('data-status', 'connected')
  })
})

test('a browser without WebRTC is told what to do', async ({ come, room }) => {
  const ann = await come('Ann')
  await ann.page.addInitScript(() => {
    Reflect.deleteProperty(window, 'RTCPeerConnection')
  })
  await ann.page.goto(`/#/r/${room}`)
  await expect(ann.page.getByRole('alert')).toContainText('WebRTC')
  await expect(ann.page.getByRole('link', { name: 'Back to the start' })).toBeVisible()
})
