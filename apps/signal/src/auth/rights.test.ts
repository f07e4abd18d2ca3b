import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { joinWithToken, startTokenFixture, tokenFor } from '../testing/token-auth.ts'

test('a token says the most that its holder may say of itself, at the join and later', async () => {
  const fixture = await startTokenFixture()
  const { client } = await joinWithToken(
    fixture,
    { canHost: false, priority: 10 },
    { canHost: true, priority: 50 },
  )
  const [welcome] = client.received('welcome')
  expect(welcome?.self).toMatchObject({ canHost: false, priority: 10 })
  client.send({ type: 'update', canHost: true, priority: 100, presence: { name: 'Eve' } })
  const { peer } = await fixture.a.client.next('peer-updated')
  expect(peer).toMatchObject({ canHost: false, priority: 10, presence: { name: 'Eve' } })
  client.send({ type: 'update', priority: 5 })
  expect((await fixture.a.client.next('peer-updated')).peer).toMatchObject({ priority: 5 })
  await fixture.expectUnaffected()
})

test('without rights in its token a member may host, at any priority, and may not kick', async () => {
  const fixture = await startTokenFixture()
  const { client } = await joinWithToken(fixture, {}, { priority: 100 })
  expect(client.received('welcome')[0]?.self).toMatchObject({ canHost: true, priority: 100 })
  client.send({ type: 'kick', id: fixture.a.id })
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await fixture.expectUnaffected()
})

test('where everybody may join nobody may kick, whatever a token says', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  await visitor.join('calm', { token: await tokenFor({ kick: true }) })
  visitor.send({ type: 'kick', id: a.id })
  expect(await visitor.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await expectUnaffected()
})

test('with the right a member kicks: the other is closed 4503 with the reason, and all are told', async () => {
  const fixture = await startTokenFixture()
  const warden = await joinWithToken(fixture, { kick: true })
  const { server, a, b } = fixture
  warden.client.send({ type: 'kick', id: a.id, reason: 'ä'.repeat(100) })
  expect(await a.client.closed).toEqual({ code: 4503 })
  // What fits into a close frame: 123 bytes, and no half of a character.
  expect(a.client.closeReason).toBe('ä'.repeat(61))
  for (const { client } of [b, warden]) {
    expect(await client.next('peer-left')).toMatchObject({ id: a.id, reason: 'kicked' })
    expect(await client.next('host')).toMatchObject({ previous: a.id, reason: 'kicked' })
  }
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'calm', token: await tokenFor(), resume: a.resume })
  await again.nextError('resume-rejected')
  expect((await again.join('calm', { token: await tokenFor() })).self.id).not.toBe(a.id)
})

test('nobody is kicked by a name that is not in the room, or by himself', async () => {
  const fixture = await startTokenFixture()
  const warden = await joinWithToken(fixture, { kick: true })
  const elsewhere = await joinWithToken(fixture, { room: 'den' })
  for (const id of ['nobody', elsewhere.id, warden.id]) {
    warden.client.send({ type: 'kick', id })
    expect(await warden.client.next('error')).toMatchObject({
      code: 'peer-not-found',
      about: 'kick',
    })
  }
  await fixture.expectUnaffected()
})

test('a member who is away is kicked too, and its return is refused', async () => {
  const fixture = await startTokenFixture()
  const warden = await joinWithToken(fixture, { kick: true })
  const guest = await joinWithToken(fixture, { sub: 'u-7' })
  guest.client.drop()
  await warden.client.next('peer-updated')
  warden.client.send({ type: 'kick', id: guest.id })
  expect(await warden.client.next('peer-left')).toMatchObject({ id: guest.id, reason: 'kicked' })
  const again = await fixture.server.connect()
  const token = await tokenFor({ sub: 'u-7' })
  again.send({ type: 'join', v: 1, room: 'calm', token, resume: guest.resume })
  await again.nextError('resume-rejected')
})

test('of one sub there is one member where the token says so: the newest', async () => {
  const fixture = await startTokenFixture()
  const first = await joinWithToken(fixture, { sub: 'u-7', single: true })
  const other = await joinWithToken(fixture, { sub: 'u-8', single: true })
  const second = await joinWithToken(fixture, { sub: 'u-7', single: true })
  expect(await first.client.closed).toMatchObject({ code: 4502 })
  expect(await other.client.next('peer-left')).toMatchObject({ id: first.id, reason: 'left' })
  expect(second.client.received('welcome')[0]?.peers.map(({ id }) => id)).not.toContain(first.id)
  for (const { client } of [other, second]) expect(JSON.stringify(client.all)).not.toContain('u-7')
  await fixture.expectWorking()
})

test('of one sub there may be several where the token says nothing of it', async () => {
  const fixture = await startTokenFixture()
  await joinWithToken(fixture, { sub: 'u-7' })
  const { client } = await joinWithToken(fixture, { sub: 'u-7' })
  expect(client.received('welcome')[0]?.peers).toHaveLength(3)
  await fixture.expectUnaffected()
})
