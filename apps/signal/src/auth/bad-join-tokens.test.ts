import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { audience, joinWithToken, key, startTokenFixture, tokenFor } from '../testing/token-auth.ts'
import { maxTokenLength } from './token-check.ts'

const seconds = (): number => Math.floor(Date.now() / 1_000)
const now = seconds()
const secret = new TextEncoder().encode(key)
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signed as it should be, whatever it says. */
const signed = (
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256' },
): string => {
  const content = `${base64(header)}.${base64({ room: 'calm', aud: audience, exp: now + 60, ...claims })}`
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
}

const good = await tokenFor()
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })

const bad: readonly (readonly [what: string, token: string | null, says: string])[] = [
  ['none', null, 'A join needs a token here.'],
  ['an empty text', '', 'not a JWT'],
  ['a text', 'let me in', 'not a JWT'],
  ['dots', '..', 'not a JWT'],
  ['five parts', 'a.b.c.d.e', 'not a JWT'],
  ['one that was cut', good.slice(0, -3), 'signature'],
  ['one without its signature', `${good.split('.').slice(0, 2).join('.')}.`, 'signature'],
  [
    'one that names no algorithm',
    new UnsecuredJWT({ room: 'calm', aud: audience, exp: now + 60 }).encode(),
    'a way that is not allowed',
  ],
  [
    'one that says alg none and is signed',
    signed({}, { alg: 'none' }),
    'a way that is not allowed',
  ],
  ['one that says alg HS512', signed({}, { alg: 'HS512' }), 'a way that is not allowed'],
  [
    'one of a private key',
    await new SignJWT({ room: 'calm' })
      .setProtectedHeader({ alg: 'RS256' })
      .setAudience(audience)
      .setExpirationTime('1m')
      .sign(privateKey),
    'a way that is not allowed',
  ],
  ['one of another key', await tokenFor({ key: key.toUpperCase() }), 'signature'],
  ['one with other claims under its signature', swapped(), 'signature'],
  [
    'one with an unknown critical header',
    signed({}, { alg: 'HS256', crit: ['x'], x: 1 }),
    'not a JWT',
  ],
  ['one whose content is no object', notAnObject(), 'not a JWT'],
  ['one for another audience', await tokenFor({ audience: 'others' }), 'another audience'],
  ['one for no audience', signed({ aud: undefined }), 'no "aud"'],
  ['one whose audience is a number', signed({ aud: 7 }), 'another audience'],
  ['one for another room', await tokenFor({ room: 'den' }), 'another room'],
  ['one for a room of another case', await tokenFor({ room: 'Calm' }), 'another room'],
  ['one for all rooms', signed({ room: ['calm'] }), 'another room'],
  ['one for no room', signed({ room: undefined }), 'no "room"'],
  ['one that has expired', signed({ exp: now - 60 }), 'expired'],
  ['one that never expires', signed({ exp: undefined }), 'no "exp"'],
  ['one that expires in words', signed({ exp: 'tomorrow' }), '"exp"'],
  ['one that expires at null', signed({ exp: null }), '"exp"'],
  ['one that is not valid yet', signed({ nbf: now + 60 }), 'not valid yet'],
  ['one whose start is a word', signed({ nbf: 'today' }), '"nbf"'],
  ['one whose sub is a number', signed({ sub: 7 }), '"sub"'],
  ['one whose sub is empty', signed({ sub: '' }), '"sub"'],
  ['one whose sub is too long', signed({ sub: 'x'.repeat(256) }), '"sub"'],
  ['one that is for nobody in particular, once', signed({ single: true }), '"single"'],
  ['one with a right in quotes', signed({ sub: 'u-7', canHost: 'false' }), '"canHost"'],
  ['one with a right that is null', signed({ canHost: null }), '"canHost"'],
  ['one that may kick at 1', signed({ kick: 1 }), '"kick"'],
  ['one with a priority that is none', signed({ priority: -1 }), '"priority"'],
  ['one with half a priority', signed({ priority: 0.5 }), '"priority"'],
]

test('each bad token is refused with what is wrong with it, and nobody else is touched', async () => {
  const { server, expectUnaffected } = await startTokenFixture({ joinsPerMinutePerIp: 10_000 })
  for (const [what, token, says] of bad) {
    const visitor = await server.connect()
    visitor.send({ type: 'join', v: 1, room: 'calm', token })
    const error = await visitor.next('error')
    expect(error, what).toMatchObject({ code: 'unauthorized', retryable: false, about: 'join' })
    expect(error.message, what).toContain(says)
    expect(await visitor.closed, what).toEqual({ code: 4501 })
  }
  await expectUnaffected()
})

test('a token beyond the limit is too large, and one just below it is read', async () => {
  const { server, visitor, expectWorking } = await startTokenFixture()
  const spare = maxTokenLength - signed({ ballast: '' }).length
  const large = signed({ ballast: 'x'.repeat(Math.floor((spare * 3) / 4) - 4) })
  expect(large.length).toBeGreaterThan(maxTokenLength - 16)
  visitor.send({ type: 'join', v: 1, room: 'calm', token: large.padEnd(maxTokenLength + 1, 'x') })
  expect(await visitor.next('error')).toMatchObject({ code: 'too-large', about: 'join' })
  expect(await visitor.closed).toEqual({ code: 4501 })
  await server.member('calm', { token: large })
  await expectWorking()
})

test('clocks that are a little apart are forgiven', async () => {
  const fixture = await startTokenFixture()
  await joinWithToken(fixture, { room: 'den' })
  await fixture.server.member('den', { token: signed({ room: 'den', exp: seconds() - 1 }) })
  await fixture.server.member('den', { token: signed({ room: 'den', nbf: seconds() + 3 }) })
})

test('where everybody may join a token is not looked at', async () => {
  const { visitor, expectUnaffected } = await startTokenFixture({
    auth: 'open',
    jwtKey: null,
    jwtAudience: null,
  })
  await visitor.join('den', { token: 'nonsense' })
  await expectUnaffected()
})

function swapped(): string {
  const [header, , signature] = good.split('.')
  return `${header}.${base64({ room: 'calm', aud: audience, exp: now + 60, kick: true })}.${signature}`
}

function notAnObject(): string {
  const content = `${base64({ alg: 'HS256' })}.${base64(['calm'])}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
