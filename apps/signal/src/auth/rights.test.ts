import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { joinWithToken, startTokenFixture, tokenFor } from '../testing/token-auth.ts'

test('a token limits what a member can set for itself, at the join and later', async () => {
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

test('a member whose token has no rights can host at any priority and cannot kick', async () => {
  const fixture = await startTokenFixture()
  const { client } = await joinWithToken(fixture, {}, { priority: 100 })
  expect(client.received('welcome')[0]?.self).toMatchObject({ canHost: true, priority: 100 })
  client.send({ type: 'kick', id: fixture.a.id })
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await fixture.expectUnaffected()
})

test('in open rooms, SKEIN_MAX_PRIORITY limits priorities at the join, at updates and at a resume', async () => {
  const { server, a, expectUnaffected } = await startFixture({ maxPriority: 20 })
  const eve = await server.connect()
  const { self, resume } = await eve.join('calm', { priority: 100 })
  expect(self).toMatchObject({ priority: 20 })
  eve.send({ type: 'update', priority: 100, presence: { name: 'Eve' } })
  const { peer } = await a.client.next('peer-updated')
  expect(peer).toMatchObject({ priority: 20, presence: { name: 'Eve' } })
  eve.send({ type: 'update', priority: 7 })
  expect((await a.client.next('peer-updated')).peer).toMatchObject({ priority: 7 })
  const again = await server.connect()
  const back = await again.join('calm', { priority: 21, resume })
  expect(back.self).toMatchObject({ id: self.id, priority: 20 })
  await expectUnaffected()
})

test('with SKEIN_MAX_PRIORITY, only a token that says so allows a higher priority', async () => {
  const fixture = await startTokenFixture({ maxPriority: 20 })
  const wanted = { priority: 100 }
  for (const [claims, priority] of [
    [{}, 20],
    [{ priority: 60 }, 60],
    [{ priority: 100 }, 100],
    [{ priority: 3 }, 3],
  ] as const) {
    const { client } = await joinWithToken(fixture, claims, wanted)
    expect(client.received('welcome')[0]?.self).toMatchObject({ priority })
  }
  await fixture.expectUnaffected()
})

test('no member of an open server can kick, whatever its token says', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  await visitor.join('calm', { token: await tokenFor({ kick: true }) })
  visitor.send({ type: 'kick', id: a.id })
  expect(await visitor.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await expectUnaffected()
})

test('a kicked member is closed with 4503 and the reason, and the others are notified', async () => {
  const fixture = await startTokenFixture()
  const kicker = await joinWithToken(fixture, { kick: true })
  const { server, a, b } = fixture
  kicker.client.send({ type: 'kick', id: a.id, reason: 'ä'.repeat(100) })
  expect(await a.client.closed).toEqual({ code: 4503 })
  // A close frame holds 123 bytes; the reason is not cut within a character.
  expect(a.client.closeReason).toBe('ä'.repeat(61))
  for (const { client } of [b, kicker]) {
    expect(await client.next('peer-left')).toMatchObject({ id: a.id, reason: 'kicked' })
    expect(await client.next('host')).toMatchObject({ previous: a.id, reason: 'kicked' })
  }
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'calm', token: await tokenFor(), resume: a.resume })
  await again.nextError('resume-rejected')
  expect((await again.join('calm', { token: await tokenFor() })).self.id).not.toBe(a.id)
})

test('a member cannot kick itself or a peer that is not in the room', async () => {
  const fixture = await startTokenFixture()
  const kicker = await joinWithToken(fixture, { kick: true })
  const elsewhere = await joinWithToken(fixture, { room: 'den' })
  for (const id of ['no-such-peer', elsewhere.id, kicker.id]) {
    kicker.client.send({ type: 'kick', id })
    expect(await kicker.client.next('error')).toMatchObject({
      code: 'peer-not-found',
      about: 'kick',
    })
  }
  await fixture.expectUnaffected()
})

test('an offline member can be kicked, and its resume is rejected', async () => {
  const fixture = await startTokenFixture()
  const kicker = await joinWithToken(fixture, { kick: true })
  const guest = await joinWithToken(fixture, { sub: 'u-7' })
  guest.client.drop()
  await kicker.client.next('peer-updated')
  kicker.client.send({ type: 'kick', id: guest.id })
  expect(await kicker.client.next('peer-left')).toMatchObject({ id: guest.id, reason: 'kicked' })
  const again = await fixture.server.connect()
  const token = await tokenFor({ sub: 'u-7' })
  again.send({ type: 'join', v: 1, room: 'calm', token, resume: guest.resume })
  await again.nextError('resume-rejected')
})

test('with `single`, only the newest member with a sub stays in the room', async () => {
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

test('without `single`, several members can have the same sub', async () => {
  const fixture = await startTokenFixture()
  await joinWithToken(fixture, { sub: 'u-7' })
  const { client } = await joinWithToken(fixture, { sub: 'u-7' })
  expect(client.received('welcome')[0]?.peers).toHaveLength(3)
  await fixture.expectUnaffected()
})
