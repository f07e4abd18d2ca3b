import { expect, test } from 'vitest'
import { startServer } from '../server/server.ts'
import { type AuthSettings, readAuth } from './auth-settings.ts'

const key = 'k'.repeat(32)
const url = 'https://id.example.org/jwks.json'
const unset: AuthSettings = {
  auth: 'open',
  jwtKey: null,
  jwksUrl: null,
  jwtAudience: null,
  jwtIssuer: null,
}
const token: AuthSettings = { ...unset, auth: 'token', jwtAudience: 'app' }

test('token auth takes a key or the URL of a key set, plus an audience; open auth takes none of them', () => {
  const rest = { audience: 'app', issuer: null }
  expect(readAuth(unset)).toEqual({ type: 'open' })
  expect(readAuth({ ...token, jwtKey: key })).toEqual({ type: 'key', key, ...rest })
  expect(readAuth({ ...token, jwksUrl: url })).toEqual({ type: 'key-set', url, ...rest })
})

test('token auth takes an issuer if there is one', () => {
  const issuer = 'https://id.example.org'
  expect(readAuth({ ...token, jwtKey: key, jwtIssuer: issuer })).toMatchObject({ issuer })
})

const bad: readonly (readonly [AuthSettings, sentence: string])[] = [
  [token, 'SKEIN_AUTH=token requires SKEIN_JWT_KEY or SKEIN_JWKS_URL.'],
  [{ ...token, jwtKey: key, jwtAudience: null }, 'SKEIN_AUTH=token requires SKEIN_JWT_AUDIENCE.'],
  [
    { ...token, jwtKey: key, jwksUrl: url },
    'Set either SKEIN_JWT_KEY or SKEIN_JWKS_URL, not both.',
  ],
  [{ ...unset, jwtKey: key }, 'SKEIN_JWT_KEY has no effect without SKEIN_AUTH=token.'],
  [{ ...unset, jwksUrl: url }, 'SKEIN_JWKS_URL has no effect without SKEIN_AUTH=token.'],
  [{ ...unset, jwtAudience: 'app' }, 'SKEIN_JWT_AUDIENCE has no effect without SKEIN_AUTH=token.'],
  [{ ...unset, jwtIssuer: 'app' }, 'SKEIN_JWT_ISSUER has no effect without SKEIN_AUTH=token.'],
  [
    { ...token, jwtKey: key.slice(1) },
    'SKEIN_JWT_KEY must be at least 32 bytes long (try: openssl rand -base64 32).',
  ],
  [
    { ...token, jwksUrl: 'http://id.example.org/' },
    'SKEIN_JWKS_URL must be a URL such as https://id.example.org/jwks.json (http on this machine only).',
  ],
]

test.each(bad)(
  'a server does not start with %o, and the error is one sentence',
  async (settings, sentence) => {
    await expect(startServer({ port: 0, logLevel: 'silent', ...settings })).rejects.toThrow(
      expect.objectContaining({ name: 'StartError', message: sentence }),
    )
  },
)

test('the length of a key is measured in bytes', () => {
  expect(readAuth({ ...token, jwtKey: 'ü'.repeat(16) })).toMatchObject({ type: 'key' })
})
