import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { startFixture } from '../testing/fixture.ts'
import { type KeyServer, type Signer, startKeyServer } from '../testing/key-server.ts'
import { startTestServer } from '../testing/servers.ts'
import type { TestClient } from '../testing/test-client.ts'
import { audience } from '../testing/token-auth.ts'

const lockedBy = ({ url }: Pick<KeyServer, 'url'>): ServerOptions => ({
  auth: 'token',
  jwksUrl: url,
  jwtAudience: audience,
})

const start = async (options: ServerOptions = {}) => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  const fixture = await startFixture({ ...lockedBy(keys), ...options }, { token: await sign() })
  return { ...fixture, keys, sign }
}

/** What becomes of a join with that token, on a connection of its own. */
const knock = async (server: { readonly connect: () => Promise<TestClient> }, token: string) => {
  const client = await server.connect()
  client.send({ type: 'join', v: 1, room: 'calm', token })
  return { client, answer: await client.next('welcome', 'error') }
}

const notNow = { code: 'overloaded', retryable: true, about: 'join' }
const refused = { code: 'unauthorized', retryable: false, about: 'join' }

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
  'a token of a public key by %s is good',
  async (alg) => {
    const keys = await startKeyServer()
    const sign = await keys.newKey({ alg })
    const server = await startTestServer(lockedBy(keys))
    await server.member('calm', { token: await sign() })
  },
)

test('the set is read once for many, and again for a key that was added', async () => {
  const { server, keys, sign } = await start({ tuning: { keySetPauseMs: 0 } })
  for (let times = 0; times < 5; times += 1) await knock(server, await sign())
  expect(keys.requests).toBe(1)
  const { answer } = await knock(server, await (await keys.newKey())())
  expect([answer.type, keys.requests]).toEqual(['welcome', 2])
})

test('a public key is no secret: what is signed with its text is refused', async () => {
  const { server, keys, expectUnaffected } = await start()
  const response = await fetch(keys.url)
  const set = await response.text()
  for (const secret of [set, JSON.stringify(JSON.parse(set).keys[0])]) {
    const token = await new SignJWT({ room: 'calm', aud: audience })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-0' })
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(secret))
    const { client, answer } = await knock(server, token)
    expect(answer).toMatchObject({ ...refused, message: expect.stringContaining('not allowed') })
    expect(await client.closed).toEqual({ code: 4501 })
  }
  await expectUnaffected()
})

test('keys that nobody knows are refused, and cost the provider no more than one question', async () => {
  const { server, keys, expectUnaffected } = await start()
  const stray = await keys.newKey({ isUnpublished: true })
  const before = keys.requests
  for (let times = 0; times < 20; times += 1) {
    const { answer } = await knock(server, await stray({}, { kid: `made-up-${times}` }))
    expect(answer).toMatchObject({ ...refused, message: expect.stringContaining('not known') })
  }
  expect(keys.requests - before).toBeLessThanOrEqual(1)
  const { answer } = await knock(server, await stray({}, { kid: 'key-0' }))
  expect(answer).toMatchObject({ ...refused, message: expect.stringContaining('signature') })
  await expectUnaffected()
})

test('a token need not name its key where there is one, and has to where there are several', async () => {
  const { server, keys, sign } = await start({ tuning: { keySetPauseMs: 0 } })
  const nameless = await sign({}, { kid: undefined })
  expect((await knock(server, nameless)).answer.type).toBe('welcome')
  await knock(server, await (await keys.newKey())())
  const { answer } = await knock(server, nameless)
  expect(answer).toMatchObject({ ...refused, message: expect.stringContaining('not known') })
})

test('a key of the set does not sign in another way than its own', async () => {
  const { server, keys } = await start()
  const signRsa = await keys.newKey({ alg: 'RS256', isUnpublished: true })
  const { answer } = await knock(server, await signRsa({}, { kid: 'key-0' }))
  expect(answer).toMatchObject(refused)
})

const failures: readonly (readonly [what: string, answer: (response: ServerResponse) => void])[] = [
  ['an error', (response) => void response.writeHead(500).end('broken')],
  ['a page', (response) => void response.end('<!doctype html><p>sign in')],
  ['no set', (response) => void response.end('{"keys":7}')],
  ['nothing', (response) => void response.end()],
  ['another address', (response) => void response.writeHead(302, { location: '/' }).end()],
  [
    'half an answer',
    (response) =>
      void response.writeHead(200, { 'content-length': 99 }).write('{"k', () => response.destroy()),
  ],
  ['too much', (response) => void response.end(`{"keys":[],"x":"${'x'.repeat(1_100_000)}"}`)],
]

test.each(failures)(
  'a provider that answers with %s: not now, and good again when it is',
  async (_, answer) => {
    const keys = await startKeyServer()
    const sign = await keys.newKey()
    const good = keys.respond
    keys.respond = answer
    const server = await startTestServer({ ...lockedBy(keys), tuning: { keySetPauseMs: 30 } })
    const first = await knock(server, await sign())
    expect(first.answer).toMatchObject(notNow)
    keys.respond = good
    const again = async () => (await knock(server, await sign())).answer.type
    await expect.poll(again, { timeout: 10_000 }).toBe('welcome')
    first.client.send({ type: 'join', v: 1, room: 'calm', token: await sign() })
    await first.client.next('welcome')
  },
)

const broken = { kty: 'EC', crv: 'P-256', alg: 'ES256', kid: 'broken', x: '!', y: '!' }
const withBroken = async ({ url }: KeyServer): Promise<string> =>
  (await (await fetch(url)).text()).replace(/\]\}$/, `,${JSON.stringify(broken)}]}`)

test('a key of the set that is broken breaks no other', async () => {
  const { server, keys, sign, expectUnaffected } = await start({ tuning: { keySetPauseMs: 0 } })
  const stray = await keys.newKey({ isUnpublished: true })
  const both = await withBroken(keys)
  keys.respond = (response) => void response.end(both)
  const { answer } = await knock(server, await stray({}, { kid: 'broken' }))
  expect(answer).toMatchObject(notNow)
  expect((await knock(server, await sign())).answer.type).toBe('welcome')
  await expectUnaffected()
})

test('whoever names a broken key again and again keeps no new key away, and is logged once', async () => {
  const keys = await startKeyServer()
  const stray = await keys.newKey({ isUnpublished: true })
  await keys.newKey()
  const before = await withBroken(keys)
  const signNew = await keys.newKey()
  const after = await withBroken(keys)
  keys.respond = (response) => void response.end(before)
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const tuning = { keySetPauseMs: 500 }
  const server = await startTestServer({ ...lockedBy(keys), tuning, logLevel: 'warn', logTo })
  const forge = async () => (await knock(server, await stray({}, { kid: 'broken' }))).answer
  for (let times = 0; times < 5; times += 1) expect(await forge()).toMatchObject(notNow)
  const told = lines.filter((line) => line.includes('SKEIN_JWKS_URL'))
  expect(told).toEqual([expect.stringContaining('invalid key from SKEIN_JWKS_URL')])
  keys.respond = (response) => void response.end(after)
  const comesIn = async (): Promise<string> => {
    await forge()
    return (await knock(server, await signNew())).answer.type
  }
  await expect.poll(comesIn, { timeout: 10_000 }).toBe('welcome')
  // Of the server at the start, and for the new key; the others are of this test.
  expect(keys.requests).toBe(2 + 2)
})

test('a provider that is away is asked once in a pause, however many come', async () => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  keys.respond = (response) => void response.writeHead(503).end()
  const server = await startTestServer(lockedBy(keys))
  for (let times = 0; times < 20; times += 1) {
    const { client, answer } = await knock(server, await sign())
    expect(answer).toMatchObject(notNow)
    expect(answer.type === 'error' && answer.retryAfterMs).toBeGreaterThan(0)
    client.drop()
  }
  expect(keys.requests).toBe(1)
})

test('a provider that cannot be reached: not now, and a line in the log says why', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const address = closed.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => closed.close(resolve))
  const lines: string[] = []
  const server = await startTestServer({
    ...lockedBy({ url: `http://127.0.0.1:${port}/jwks.json` }),
    logLevel: 'warn',
    logTo: { write: (line) => void lines.push(line) },
  })
  const sign: Signer = await (await startKeyServer()).newKey()
  const token = await sign()
  expect((await knock(server, token)).answer).toMatchObject(notNow)
  expect(lines.join('')).toContain('ECONNREFUSED')
  expect(lines.join('')).not.toContain(token)
})

test('a provider that is slow: not now, after its time', async () => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  keys.respond = () => {}
  const server = await startTestServer({ ...lockedBy(keys), tuning: { keySetTimeoutMs: 50 } })
  expect((await knock(server, await sign())).answer).toMatchObject(notNow)
})

test('members stay and talk while the provider is away', async () => {
  const { server, keys, sign, expectUnaffected } = await start()
  keys.respond = (response) => void response.writeHead(503).end()
  const stray = await keys.newKey({ isUnpublished: true })
  await knock(server, await stray())
  expect((await knock(server, await sign())).answer.type).toBe('welcome')
  await expectUnaffected()
})
