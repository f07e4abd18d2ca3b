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

/** A fixture with a guest whose connection is lost, and a way to come back. */
const lostGuest = async () => {
  const fixture = await startTokenFixture()
  const guest = await joinWithToken(fixture, { sub: 'u-7' })
  guest.client.drop()
  await fixture.a.client.next('peer-updated')
  const comeBack = async (token: string | null) => {
    const client = await fixture.server.connect()
    client.send({ type: 'join', v: 1, room: 'calm', token, resume: guest.resume })
    return { client, answer: await client.next('welcome', 'error') }
  }
  return { ...fixture, guest, comeBack }
}

test('a return needs a token of its own: none, or one that has expired, is refused', async () => {
  const { a, guest, comeBack, expectUnaffected } = await lostGuest()
  for (const token of [null, await expired(), await tokenFor({ sub: 'u-7', room: 'den' })]) {
    const { client, answer } = await comeBack(token)
    expect(answer).toMatchObject({ code: 'unauthorized', about: 'join' })
    expect(await client.closed).toMatchObject({ code: 4501 })
  }
  expect(a.client.received('peer-updated').at(-1)?.peer).toMatchObject({
    id: guest.id,
    online: false,
  })
  const { answer } = await comeBack(await tokenFor({ sub: 'u-7' }))
  expect(answer).toMatchObject({ type: 'welcome', resumed: true, self: { id: guest.id } })
  await expectUnaffected()
})

test("nobody comes back as another, with the other's resume token and a token of its own", async () => {
  const { guest, comeBack, expectWorking } = await lostGuest()
  for (const claims of [{ sub: 'u-8' }, { sub: 'u-8', single: true }, {}]) {
    const { client, answer } = await comeBack(await tokenFor(claims))
    expect(answer).toMatchObject({ code: 'resume-rejected', retryable: true, about: 'join' })
    const { self } = await client.join('calm', { token: await tokenFor(claims) })
    expect(self.id).not.toBe(guest.id)
  }
  await expectWorking()
})

test('a return has the rights of its new token', async () => {
  const fixture = await startTokenFixture()
  const guest = await joinWithToken(fixture, { sub: 'u-7', kick: true }, { priority: 50 })
  const client = await fixture.server.connect()
  const token = await tokenFor({ sub: 'u-7', canHost: false, priority: 3 })
  const { self } = await client.join('calm', { token, priority: 50, resume: guest.resume })
  expect(self).toMatchObject({ id: guest.id, canHost: false, priority: 3 })
  client.send({ type: 'kick', id: fixture.a.id })
  expect(await client.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await fixture.expectUnaffected()
})

test('who belongs to a membership is remembered through a restart of the server', async () => {
  const settings = { ...tokenAuth, secret: 'north', rebuildMs: 200 }
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

test('a member stays when its token expires', async () => {
  const fixture = await startTokenFixture()
  const token = await new SignJWT({ room: 'calm' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    // Within what clocks may differ: it has expired when it comes.
    .setExpirationTime('1 second ago')
    .sign(new TextEncoder().encode(key))
  const { client } = await fixture.server.member('calm', { token })
  await client.settle()
  client.signal(fixture.a.id)
  expect((await fixture.a.client.next('signal')).from).toBe(client.received('welcome')[0]?.self.id)
})
