import { decodeJwt, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { audience, key } from '../testing/token-auth.ts'
import { type MintTokenOptions, mintToken } from './index.ts'

const options: MintTokenOptions = { key, audience, room: 'blue-door' }

test('a token has the requested claims and no others', async () => {
  const token = await mintToken(options)
  const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(key))
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' })
  const { iat = 0, exp = 0, ...claims } = payload
  expect(claims).toEqual({ aud: audience, room: 'blue-door' })
  expect(exp - iat).toBe(300)
  expect(Math.abs(iat * 1_000 - Date.now())).toBeLessThan(60_000)
})

test('an issuer becomes the claim that SKEIN_JWT_ISSUER is compared with', async () => {
  const token = await mintToken({ ...options, issuer: 'https://example.org' })
  expect(decodeJwt(token)).toMatchObject({ iss: 'https://example.org', aud: audience })
  expect(decodeJwt(token)).not.toHaveProperty('issuer')
})

test('each right becomes a claim of the same name', async () => {
  const rights = { sub: 'u-7', single: true, canHost: false, priority: 3, kick: true }
  const {
    iat = 0,
    exp = 0,
    ...claims
  } = decodeJwt(await mintToken({ ...options, ...rights, lifeS: 60 }))
  expect(claims).toEqual({ aud: audience, room: 'blue-door', ...rights })
  expect(exp - iat).toBe(60)
  expect(JSON.stringify(claims)).not.toContain(key)
})

const bad: readonly (readonly [Partial<MintTokenOptions>, message: string])[] = [
  [{ key: 'k'.repeat(31) }, '`key` must be at least 32 bytes long'],
  [{ audience: '' }, '`audience` must not be empty'],
  [{ issuer: '' }, '`issuer` must not be empty'],
  [{ room: '' }, '`room` must have 1 to 128 bytes'],
  [{ room: 'ü'.repeat(65) }, '`room` must have 1 to 128 bytes'],
  [{ lifeS: 0 }, '`lifeS` must be a whole number of seconds'],
  [{ lifeS: 1.5 }, '`lifeS` must be a whole number of seconds'],
  [{ lifeS: Number.POSITIVE_INFINITY }, '`lifeS` must be a whole number of seconds'],
  [{ sub: '' }, '`sub` must have 1 to 255 characters'],
  [{ sub: 'x'.repeat(256) }, '`sub` must have 1 to 255 characters'],
  [{ single: true }, '`single` needs `sub`'],
  [{ priority: 101 }, '`priority` must be a whole number from 0 to 100'],
  [{ priority: 0.5 }, '`priority` must be a whole number from 0 to 100'],
]

test.each(bad)('%o is rejected with a clear message', async (change, message) => {
  const minting = mintToken({ ...options, ...change })
  await expect(minting).rejects.toThrow(new TypeError(`mintToken: ${message}.`))
})
