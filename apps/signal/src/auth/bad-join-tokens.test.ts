import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
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
import { maxTokenLength } from './token-check.ts'

const seconds = (): number => Math.floor(Date.now() / 1_000)
const now = seconds()
const secret = new TextEncoder().encode(key)
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A correctly signed token with arbitrary claims. */
const signed = (
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256' },
): string => {
  const content = `${base64(header)}.${base64({ room: 'calm', aud: audience, exp: now + 60, ...claims })}`
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
}

const good = await tokenFor()
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })

const bad: readonly (readonly [what: string, token: string | null, message: string])[] = [
  ['no token', null, 'A join needs a token here.'],
  ['an empty string', '', 'not a JWT'],
  ['not a token', 'let me in', 'not a JWT'],
  ['only dots', '..', 'not a JWT'],
  ['five parts', 'a.b.c.d.e', 'not a JWT'],
  ['a truncated token', good.slice(0, -3), 'signature'],
  ['a token without a signature', `${good.split('.').slice(0, 2).join('.')}.`, 'signature'],
  [
    'an unsecured token',
    new UnsecuredJWT({ room: 'calm', aud: audience, exp: now + 60 }).encode(),
    'a way that is not allowed',
  ],
  ['a signed token with alg none', signed({}, { alg: 'none' }), 'a way that is not allowed'],
  ['a token with alg HS512', signed({}, { alg: 'HS512' }), 'a way that is not allowed'],
  [
    'a token signed with a private key',
    await new SignJWT({ room: 'calm' })
      .setProtectedHeader({ alg: 'RS256' })
      .setAudience(audience)
      .setExpirationTime('1m')
      .sign(privateKey),
    'a way that is not allowed',
  ],
  ['a token signed with another key', await tokenFor({ key: key.toUpperCase() }), 'signature'],
  ['a token with replaced claims', withReplacedClaims(), 'signature'],
  [
    'a token with an unknown critical header',
    signed({}, { alg: 'HS256', crit: ['x'], x: 1 }),
    'not a JWT',
  ],
  ['a payload that is not an object', withNonObjectPayload(), 'not a JWT'],
  ['another audience', await tokenFor({ audience: 'others' }), 'another audience'],
  ['no audience', signed({ aud: undefined }), 'no "aud"'],
  ['a numeric audience', signed({ aud: 7 }), 'another audience'],
  ['another room', await tokenFor({ room: 'den' }), 'another room'],
  ['the room in another case', await tokenFor({ room: 'Calm' }), 'another room'],
  ['a list of rooms', signed({ room: ['calm'] }), 'another room'],
  ['no room', signed({ room: undefined }), 'no "room"'],
  ['an expired token', signed({ exp: now - 60 }), 'expired'],
  ['no expiry', signed({ exp: undefined }), 'no "exp"'],
  ['an expiry in words', signed({ exp: 'tomorrow' }), '"exp"'],
  ['a null expiry', signed({ exp: null }), '"exp"'],
  ['a token that is not valid yet', signed({ nbf: now + 60 }), 'not valid yet'],
  ['an nbf in words', signed({ nbf: 'today' }), '"nbf"'],
  ['a numeric sub', signed({ sub: 7 }), '"sub"'],
  ['an empty sub', signed({ sub: '' }), '"sub"'],
  ['a sub that is too long', signed({ sub: 'x'.repeat(256) }), '"sub"'],
  ['single without a sub', signed({ single: true }), '"single"'],
  ['a right as a string', signed({ sub: 'u-7', canHost: 'false' }), '"canHost"'],
  ['a null right', signed({ canHost: null }), '"canHost"'],
  ['a numeric right', signed({ kick: 1 }), '"kick"'],
  ['a negative priority', signed({ priority: -1 }), '"priority"'],
  ['a fractional priority', signed({ priority: 0.5 }), '"priority"'],
]

test('each invalid token is rejected with its fault, and other members are unaffected', async () => {
  const { server, expectUnaffected } = await startTokenFixture({ joinsPerMinutePerIp: 10_000 })
  for (const [what, token, message] of bad) {
    const visitor = await server.connect()
    visitor.send({ type: 'join', v: 1, room: 'calm', token })
    const error = await visitor.next('error')
    expect(error, what).toMatchObject({ code: 'unauthorized', retryable: false, about: 'join' })
    expect(error.message, what).toContain(message)
    expect(await visitor.closed, what).toEqual({ code: 4501 })
  }
  await expectUnaffected()
})

test('a token over the size limit is rejected, and one just below it is accepted', async () => {
  const { server, visitor, expectWorking } = await startTokenFixture()
  const freeBytes = maxTokenLength - signed({ ballast: '' }).length
  const large = signed({ ballast: 'x'.repeat(Math.floor((freeBytes * 3) / 4) - 4) })
  expect(large.length).toBeGreaterThan(maxTokenLength - 16)
  visitor.send({ type: 'join', v: 1, room: 'calm', token: large.padEnd(maxTokenLength + 1, 'x') })
  expect(await visitor.next('error')).toMatchObject({ code: 'too-large', about: 'join' })
  expect(await visitor.closed).toEqual({ code: 4501 })
  await server.member('calm', { token: large })
  await expectWorking()
})

test('with SKEIN_JWT_ISSUER, a token from another issuer or from none is rejected', async () => {
  const settings = { ...tokenAuth, jwtIssuer: 'https://id.example.org' }
  const server = await startTestServer(settings)
  const tryJoin = async (claims: Readonly<Record<string, unknown>>) => {
    const client = await server.connect()
    client.send({ type: 'join', v: 1, room: 'calm', token: signed(claims) })
    return client.next('welcome', 'error')
  }
  for (const [iss, message] of [
    ['https://id.example.com', 'The token is from another issuer.'],
    ['https://id.example.org/', 'The token is from another issuer.'],
    [7, 'The token is from another issuer.'],
    [undefined, 'The token has no "iss".'],
  ]) {
    expect(await tryJoin({ iss })).toMatchObject({ code: 'unauthorized', message })
  }
  expect(await tryJoin({ iss: 'https://id.example.org' })).toMatchObject({ type: 'welcome' })
  const token = await tokenFor({ issuer: 'https://id.example.org' })
  await server.member('calm', { token })
})

test('without SKEIN_JWT_ISSUER, tokens of any issuer are accepted', async () => {
  const { server } = await startTokenFixture()
  await server.member('calm', { token: signed({ iss: 'https://id.example.com' }) })
})

test('small clock differences are tolerated', async () => {
  const fixture = await startTokenFixture()
  await joinWithToken(fixture, { room: 'den' })
  await fixture.server.member('den', { token: signed({ room: 'den', exp: seconds() - 1 }) })
  await fixture.server.member('den', { token: signed({ room: 'den', nbf: seconds() + 3 }) })
})

test('an open server ignores tokens', async () => {
  const { visitor, expectUnaffected } = await startTokenFixture({
    auth: 'open',
    jwtKey: null,
    jwtAudience: null,
  })
  await visitor.join('den', { token: 'nonsense' })
  await expectUnaffected()
})

function withReplacedClaims(): string {
  const [header, , signature] = good.split('.')
  return `${header}.${base64({ room: 'calm', aud: audience, exp: now + 60, kick: true })}.${signature}`
}

function withNonObjectPayload(): string {
  const content = `${base64({ alg: 'HS256' })}.${base64(['calm'])}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
