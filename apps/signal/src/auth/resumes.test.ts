import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { startTestServer } from '../testing/servers.ts'
import {
  audience,
  joinWithToken,
  key,
  startTokenFixture,
  tokenAuth,
  tokenFor,
} from '../testing/token-auth.ts'

const expired = (): Promise<string> =>
  new SignJWT({ room: 'calm', sub: 'u-7' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setExpirationTime('1 minute ago')
    .sign(new TextEncoder().encode(key))

/** A fixture with a member whose connection is lost, and a function that resumes it. */
const startWithLostMember = async () => {
  const fixture = await startTokenFixture()
  const lost = await joinWithToken(fixture, { sub: 'u-7' })
  lost.client.drop()
  await fixture.a.client.next('peer-updated')
  const resume = async (token: string | null) => {
    const client = await fixture.server.connect()
    client.send({ type: 'join', v: 1, room: 'calm', token, resume: lost.resume })
    return { client, reply: await client.next('welcome', 'error') }
  }
  return { ...fixture, lost, resume }
}

test('a resume without a valid join token is rejected', async () => {
  const { a, lost, resume, expectUnaffected } = await startWithLostMember()
  for (const token of [null, await expired(), await tokenFor({ sub: 'u-7', room: 'den' })]) {
    const { client, reply } = await resume(token)
    expect(reply).toMatchObject({ code: 'unauthorized', about: 'join' })
    expect(await client.closed).toMatchObject({ code: 4501 })
  }
  expect(a.client.received('peer-updated').at(-1)?.peer).toMatchObject({
    id: lost.id,
    online: false,
  })
  const { reply } = await resume(await tokenFor({ sub: 'u-7' }))
  expect(reply).toMatchObject({ type: 'welcome', resumed: true, self: { id: lost.id } })
  await expectUnaffected()
})

test('a resume token cannot be used with a join token for another sub', async () => {
  const { lost, resume, expectWorking } = await startWithLostMember()
  for (const claims of [{ sub: 'u-8' }, { sub: 'u-8', single: true }, {}]) {
    const { client, reply } = await resume(await tokenFor(claims))
    expect(reply).toMatchObject({ code: 'resume-rejected', retryable: true, about: 'join' })
    const { self } = await client.join('calm', { token: await tokenFor(claims) })
    expect(self.id).not.toBe(lost.id)
  }
  await expectWorking()
})

test('a resumed member has the rights of its new join token', async () => {
  const fixture = await startTokenFixture()
  const original = await joinWithToken(fixture, { sub: 'u-7', kick: true }, { priority: 50 })
  const client = await fixture.server.connect()
  const token = await tokenFor({ sub: 'u-7', canHost: false, priority: 3 })
  const { self } = await client.join('calm', { token, priority: 50, resume: original.resume })
  expect(self).toMatchObject({ id: original.id, canHost: false, priority: 3 })
  client.send({ type: 'kick', id: fixture.a.id })
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await fixture.expectUnaffected()
})

test('the sub of a member is still checked after a server restart', async () => {
  const settings = { ...tokenAuth, secret: 'north'.repeat(7), rebuildMs: 200 }
  const before = await startTestServer(settings)
  const token = await tokenFor({ sub: 'u-7' })
  const { id, resume } = await before.member('calm', { token })
  await before.kill()
  const after = await startTestServer(settings)
  const visitor = await after.connect()
  const foreign = await tokenFor({ sub: 'u-8' })
  visitor.send({ type: 'join', v: 1, room: 'calm', token: foreign, resume })
  await visitor.nextError('resume-rejected')
  const owner = await after.connect()
  const welcome = await owner.join('calm', { token, resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id } })
})

test('a member that was kicked before a server restart is rejected once the others are back', async () => {
  const settings = { ...tokenAuth, secret: 'north'.repeat(7), rebuildMs: 60_000 }
  const before = await startTestServer({ ...settings, rebuildMs: 0 })
  const tokens = await Promise.all(
    ['u-1', 'u-2', 'u-3'].map((sub) => tokenFor({ sub, kick: sub === 'u-1' })),
  )
  const kicker = await before.member('calm', { token: tokens[0] })
  const other = await before.member('calm', { token: tokens[1] })
  const kicked = await before.member('calm', { token: tokens[2] })
  kicker.client.send({ type: 'kick', id: kicked.id })
  await kicked.client.closed
  await Promise.all([kicker, other].map(({ client }) => client.next('peer-left')))
  await Promise.all([kicker, other].map(({ client }) => client.settle()))
  const latest = [kicker, other].map(({ client }) => client.received('resume').at(-1)?.resume)
  await before.kill()
  const after = await startTestServer({ ...settings, tuning: { rebuildMinMs: 0 } })
  const resumes = [kicked.resume, ...latest]
  const clients = await Promise.all(resumes.map(() => after.connect()))
  for (const [n, resume] of resumes.entries()) {
    const token = tokens[(n + 2) % 3]
    clients[n]?.send({ type: 'join', v: 1, room: 'calm', token, resume })
  }
  await clients[0]?.nextError('resume-rejected')
  const back = await Promise.all(clients.slice(1).map((client) => client.next('welcome')))
  expect(back.map(({ self, peers }) => [self.id, peers.map(({ id }) => id)])).toEqual([
    [kicker.id, [other.id]],
    [other.id, [kicker.id]],
  ])
})

test('a member stays connected when its join token expires', async () => {
  const fixture = await startTokenFixture()
  const token = await new SignJWT({ room: 'calm' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    // Within the clock tolerance: it is accepted although it has already expired.
    .setExpirationTime('1 second ago')
    .sign(new TextEncoder().encode(key))
  const { client } = await fixture.server.member('calm', { token })
  await client.settle()
  client.signal(fixture.a.id)
  expect((await fixture.a.client.next('signal')).from).toBe(client.received('welcome')[0]?.self.id)
})
