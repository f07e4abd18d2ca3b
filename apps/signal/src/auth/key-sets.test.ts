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

const withKeySet = ({ url }: Pick<KeyServer, 'url'>): ServerOptions => ({
  auth: 'token',
  jwksUrl: url,
  jwtAudience: audience,
})

const start = async (options: ServerOptions = {}) => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  const fixture = await startFixture({ ...withKeySet(keys), ...options }, { token: await sign() })
  return { ...fixture, keys, sign }
}

/** Joins with that token on a new connection, and returns the reply. */
const tryJoin = async (server: { readonly connect: () => Promise<TestClient> }, token: string) => {
  const client = await server.connect()
  client.send({ type: 'join', v: 1, room: 'calm', token })
  return { client, reply: await client.next('welcome', 'error') }
}

const overloaded = { code: 'overloaded', retryable: true, about: 'join' }
const unauthorized = { code: 'unauthorized', retryable: false, about: 'join' }

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
  'a token signed with %s is accepted',
  async (alg) => {
    const keys = await startKeyServer()
    const sign = await keys.newKey({ alg })
    const server = await startTestServer(withKeySet(keys))
    await server.member('calm', { token: await sign() })
  },
)

test('the key set is fetched once for many tokens, and again for a new key', async () => {
  const { server, keys, sign } = await start({ tuning: { keySetPauseMs: 0 } })
  for (let times = 0; times < 5; times += 1) await tryJoin(server, await sign())
  expect(keys.requests).toBe(1)
  const { reply } = await tryJoin(server, await (await keys.newKey())())
  expect([reply.type, keys.requests]).toEqual(['welcome', 2])
})

test('a token signed with the text of a public key as a secret is rejected', async () => {
  const { server, keys, expectUnaffected } = await start()
  const response = await fetch(keys.url)
  const set = await response.text()
  for (const secret of [set, JSON.stringify(JSON.parse(set).keys[0])]) {
    const token = await new SignJWT({ room: 'calm', aud: audience })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-0' })
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(secret))
    const { client, reply } = await tryJoin(server, token)
    expect(reply).toMatchObject({
      ...unauthorized,
      message: expect.stringContaining('not allowed'),
    })
    expect(await client.closed).toEqual({ code: 4501 })
  }
  await expectUnaffected()
})

test('tokens with unknown keys are rejected and cause at most one fetch', async () => {
  const { server, keys, expectUnaffected } = await start()
  const signUnknown = await keys.newKey({ isUnpublished: true })
  const before = keys.requests
  for (let times = 0; times < 20; times += 1) {
    const { reply } = await tryJoin(server, await signUnknown({}, { kid: `made-up-${times}` }))
    expect(reply).toMatchObject({ ...unauthorized, message: expect.stringContaining('not known') })
  }
  expect(keys.requests - before).toBeLessThanOrEqual(1)
  const { reply } = await tryJoin(server, await signUnknown({}, { kid: 'key-0' }))
  expect(reply).toMatchObject({ ...unauthorized, message: expect.stringContaining('signature') })
  await expectUnaffected()
})

test('a token must name its key only if the set has several', async () => {
  const { server, keys, sign } = await start({ tuning: { keySetPauseMs: 0 } })
  const withoutKid = await sign({}, { kid: undefined })
  expect((await tryJoin(server, withoutKid)).reply.type).toBe('welcome')
  await tryJoin(server, await (await keys.newKey())())
  const { reply } = await tryJoin(server, withoutKid)
  expect(reply).toMatchObject({ ...unauthorized, message: expect.stringContaining('not known') })
})

test('a token must use the algorithm of its key', async () => {
  const { server, keys } = await start()
  const signRsa = await keys.newKey({ alg: 'RS256', isUnpublished: true })
  const { reply } = await tryJoin(server, await signRsa({}, { kid: 'key-0' }))
  expect(reply).toMatchObject(unauthorized)
})

type Failure = readonly [what: string, respond: (response: ServerResponse) => void]

const failures: readonly Failure[] = [
  ['an error', (response) => void response.writeHead(500).end('invalid')],
  ['an HTML page', (response) => void response.end('<!doctype html><p>sign in')],
  ['no key set', (response) => void response.end('{"keys":7}')],
  ['an empty body', (response) => void response.end()],
  ['a redirect', (response) => void response.writeHead(302, { location: '/' }).end()],
  [
    'half a response',
    (response) =>
      void response.writeHead(200, { 'content-length': 99 }).write('{"k', () => response.destroy()),
  ],
  ['too much', (response) => void response.end(`{"keys":[],"x":"${'x'.repeat(1_100_000)}"}`)],
]

test.each(failures)(
  'joins are overloaded while the provider answers with %s, and work again afterwards',
  async (_, respondBadly) => {
    const keys = await startKeyServer()
    const sign = await keys.newKey()
    const respond = keys.respond
    keys.respond = respondBadly
    const server = await startTestServer({ ...withKeySet(keys), tuning: { keySetPauseMs: 30 } })
    const first = await tryJoin(server, await sign())
    expect(first.reply).toMatchObject(overloaded)
    keys.respond = respond
    const again = async () => (await tryJoin(server, await sign())).reply.type
    await expect.poll(again, { timeout: 10_000 }).toBe('welcome')
    first.client.send({ type: 'join', v: 1, room: 'calm', token: await sign() })
    await first.client.next('welcome')
  },
)

const invalidKey = { kty: 'EC', crv: 'P-256', alg: 'ES256', kid: 'invalid', x: '!', y: '!' }
const withInvalidKey = async ({ url }: KeyServer): Promise<string> =>
  (await (await fetch(url)).text()).replace(/\]\}$/, `,${JSON.stringify(invalidKey)}]}`)

test('an invalid key in the set does not affect the others', async () => {
  const { server, keys, sign, expectUnaffected } = await start({ tuning: { keySetPauseMs: 0 } })
  const signUnknown = await keys.newKey({ isUnpublished: true })
  const withBoth = await withInvalidKey(keys)
  keys.respond = (response) => void response.end(withBoth)
  const { reply } = await tryJoin(server, await signUnknown({}, { kid: 'invalid' }))
  expect(reply).toMatchObject(overloaded)
  expect((await tryJoin(server, await sign())).reply.type).toBe('welcome')
  await expectUnaffected()
})

test('tokens that name an invalid key do not delay new keys, and are logged once', async () => {
  const keys = await startKeyServer()
  const signUnknown = await keys.newKey({ isUnpublished: true })
  await keys.newKey()
  const before = await withInvalidKey(keys)
  const signNew = await keys.newKey()
  const after = await withInvalidKey(keys)
  keys.respond = (response) => void response.end(before)
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const tuning = { keySetPauseMs: 500 }
  const server = await startTestServer({ ...withKeySet(keys), tuning, logLevel: 'warn', logTo })
  const joinWithInvalidKey = async () =>
    (await tryJoin(server, await signUnknown({}, { kid: 'invalid' }))).reply
  for (let times = 0; times < 5; times += 1)
    expect(await joinWithInvalidKey()).toMatchObject(overloaded)
  const logged = lines.filter((line) => line.includes('SKEIN_JWKS_URL'))
  expect(logged).toEqual([expect.stringContaining('invalid key from SKEIN_JWKS_URL')])
  keys.respond = (response) => void response.end(after)
  const joinWithNewKey = async (): Promise<string> => {
    await joinWithInvalidKey()
    return (await tryJoin(server, await signNew())).reply.type
  }
  await expect.poll(joinWithNewKey, { timeout: 10_000 }).toBe('welcome')
  // The server fetches at the start and for the new key; this test itself fetches twice.
  expect(keys.requests).toBe(2 + 2)
})

test('an unavailable provider is asked once per pause, however many clients join', async () => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  keys.respond = (response) => void response.writeHead(503).end()
  const server = await startTestServer(withKeySet(keys))
  for (let times = 0; times < 20; times += 1) {
    const { client, reply } = await tryJoin(server, await sign())
    expect(reply).toMatchObject(overloaded)
    expect(reply.type === 'error' && reply.retryAfterMs).toBeGreaterThan(0)
    client.drop()
  }
  expect(keys.requests).toBe(1)
})

test('joins are overloaded while the provider is unreachable, and the log says why', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const address = closed.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => closed.close(resolve))
  const lines: string[] = []
  const server = await startTestServer({
    ...withKeySet({ url: `http://127.0.0.1:${port}/jwks.json` }),
    logLevel: 'warn',
    logTo: { write: (line) => void lines.push(line) },
  })
  const sign: Signer = await (await startKeyServer()).newKey()
  const token = await sign()
  expect((await tryJoin(server, token)).reply).toMatchObject(overloaded)
  expect(lines.join('')).toContain('ECONNREFUSED')
  expect(lines.join('')).not.toContain(token)
})

test('joins are overloaded when the provider does not answer in time', async () => {
  const keys = await startKeyServer()
  const sign = await keys.newKey()
  keys.respond = () => {}
  const server = await startTestServer({ ...withKeySet(keys), tuning: { keySetTimeoutMs: 50 } })
  expect((await tryJoin(server, await sign())).reply).toMatchObject(overloaded)
})

test('members stay connected while the provider is unavailable', async () => {
  const { server, keys, sign, expectUnaffected } = await start()
  keys.respond = (response) => void response.writeHead(503).end()
  const signUnknown = await keys.newKey({ isUnpublished: true })
  await tryJoin(server, await signUnknown())
  expect((await tryJoin(server, await sign())).reply.type).toBe('welcome')
  await expectUnaffected()
})
