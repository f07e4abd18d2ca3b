import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { anySilence, startTestServer } from '../testing/servers.ts'

const day = 24 * 3_600_000

test('a forged resume token is rejected, and a new join on the same socket succeeds', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  const [payload = '', mac = ''] = a.resume.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, term: 99 })).toString('base64url')
  for (const resume of [`${forged}.${mac}`, `${payload}.`, payload, '', 'nonsense']) {
    visitor.send({ type: 'join', v: 1, room: 'calm', resume })
    expect(await visitor.next('error')).toMatchObject({
      code: 'resume-rejected',
      retryable: true,
      about: 'join',
    })
  }
  expect((await visitor.join('calm')).resumed).toBe(false)
  await expectUnaffected()
})

test('a resume token signed with another secret is rejected', async () => {
  const { visitor, expectUnaffected } = await startFixture({
    secret: 'north'.repeat(7),
    rebuildMs: 0,
  })
  const other = await startTestServer({ secret: 'south'.repeat(7), rebuildMs: 0 })
  const { resume } = await other.member('calm')
  visitor.send({ type: 'join', v: 1, room: 'calm', resume })
  await visitor.nextError('resume-rejected')
  await expectUnaffected()
})

test('an expired resume token is rejected', async () => {
  let now = 1_700_000_000_000
  const { server, a, visitor, expectUnaffected } = await startFixture({
    now: () => now,
    // Keeps the members connected meanwhile.
    tuning: anySilence,
  })
  now += day
  visitor.send({ type: 'join', v: 1, room: 'calm', resume: a.resume })
  await visitor.nextError('resume-rejected')
  await expectUnaffected()
  const fresh = await server.connect()
  await fresh.join('calm')
})

test('a resume token of another room is rejected', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  await server.member('elsewhere')
  visitor.send({ type: 'join', v: 1, room: 'elsewhere', resume: a.resume })
  await visitor.nextError('resume-rejected')
  await expectUnaffected()
})

test('of two sockets with the same token the newer one is the member, and the older one is closed with 4502', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  const { self, resume } = await visitor.join('calm')
  visitor.drop()
  await a.client.next('peer-updated')
  const first = await server.connect()
  const second = await server.connect()
  first.send({ type: 'join', v: 1, room: 'calm', resume })
  second.send({ type: 'join', v: 1, room: 'calm', resume })
  const closed = await Promise.race([
    first.closed.then(({ code }) => ({ code, winner: second })),
    second.closed.then(({ code }) => ({ code, winner: first })),
  ])
  expect(closed.code).toBe(4502)
  const { winner } = closed
  expect((await winner.next('welcome')).self.id).toBe(self.id)
  a.client.signal(self.id)
  expect((await winner.next('signal')).from).toBe(a.id)
  await expectUnaffected()
})

test('a resume token of a room that became empty is rejected, and the room starts over', async () => {
  const { server, visitor, expectUnaffected } = await startFixture()
  const before = await visitor.join('elsewhere')
  await visitor.leave()
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'elsewhere', resume: before.resume })
  await again.nextError('resume-rejected')
  const after = await again.join('elsewhere')
  expect(after).toMatchObject({ resumed: false, peers: [], term: 1, host: after.self.id })
  expect(after.epoch).toBeGreaterThan(before.epoch)
  expect(after.self.id).not.toBe(before.self.id)
  await expectUnaffected()
})

test('a resume token of a member that left is rejected while the room still exists', async () => {
  const { a, server, visitor, expectWorking } = await startFixture()
  const { resume, self } = await visitor.join('calm')
  await visitor.leave()
  expect(await a.client.next('peer-left')).toMatchObject({ id: self.id, reason: 'left' })
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'calm', resume })
  await again.nextError('resume-rejected')
  expect((await again.join('calm')).self.id).not.toBe(self.id)
  await expectWorking()
})

test('a resume token is rejected after the grace period of its member', async () => {
  const { a, server, visitor, expectWorking } = await startFixture({ memberGraceMs: 50 })
  const { resume, self } = await visitor.join('calm')
  visitor.drop()
  expect(await a.client.next('peer-left')).toMatchObject({ id: self.id, reason: 'timeout' })
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'calm', resume })
  await again.nextError('resume-rejected')
  await expectWorking()
})

test('a token of the current run does not recreate a room, even in the first minute', async () => {
  const { server, visitor } = await startFixture({ secret: 'north'.repeat(7), rebuildMs: 0 })
  const before = await visitor.join('elsewhere')
  await visitor.leave()
  const again = await server.connect()
  again.send({ type: 'join', v: 1, room: 'elsewhere', resume: before.resume })
  await again.nextError('resume-rejected')
  expect((await again.join('elsewhere')).epoch).toBeGreaterThan(before.epoch)
})
