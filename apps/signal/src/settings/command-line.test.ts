import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { flagOf, helpText, readCommand, unknownVariables } from './command-line.ts'
import { settingTable } from './settings.ts'

const start = (env: Record<string, string>, argv: readonly string[] = []): unknown => {
  const command = readCommand({ argv, env })
  if (!command.ok) return command.error
  return command.value.type === 'start' ? command.value.settings : command.value.type
}

test.each([
  ['PORT', '8080', { port: 8080 }],
  ['HOST', '127.0.0.1', { host: '127.0.0.1' }],
  ['SKEIN_SITE', 'dist', { site: 'dist' }],
  ['SKEIN_SITE', 'none', { site: null }],
  ['SKEIN_SECRET', 's'.repeat(32), { secret: 's'.repeat(32) }],
  ['SKEIN_STATE_DIR', 'state', { stateDir: 'state' }],
  ['SKEIN_STATE_DIR', 'none', { stateDir: null }],
  ['SKEIN_AUTH', 'open', { auth: 'open' }],
  ['SKEIN_AUTH', 'token', { auth: 'token' }],
  ['SKEIN_JWT_KEY', 'k'.repeat(32), { jwtKey: 'k'.repeat(32) }],
  ['SKEIN_JWKS_URL', 'https://id.example.org/k', { jwksUrl: 'https://id.example.org/k' }],
  ['SKEIN_JWKS_URL', 'http://127.0.0.1:8/k', { jwksUrl: 'http://127.0.0.1:8/k' }],
  ['SKEIN_JWKS_URL', 'http://[::1]/k', { jwksUrl: 'http://[::1]/k' }],
  ['SKEIN_JWT_AUDIENCE', 'a', { jwtAudience: 'a' }],
  ['SKEIN_JWT_ISSUER', 'https://id.example.org', { jwtIssuer: 'https://id.example.org' }],
  ['SKEIN_MAX_PRIORITY', '0', { maxPriority: 0 }],
  ['SKEIN_MAX_PRIORITY', '100', { maxPriority: 100 }],
  [
    'SKEIN_ORIGINS',
    'https://Example.org, *.example.org,',
    { origins: ['https://example.org', '*.example.org'] },
  ],
  ['SKEIN_STUN_URLS', 'stun:s.example.org:3478', { stunUrls: ['stun:s.example.org:3478'] }],
  [
    'SKEIN_TURN_URLS',
    'turns:t.example.org:443?transport=tcp',
    { turnUrls: ['turns:t.example.org:443?transport=tcp'] },
  ],
  ['SKEIN_TURN_SECRET', 's', { turnSecret: 's' }],
  ['SKEIN_TURN_TTL_S', '60', { turnTtlS: 60 }],
  ['SKEIN_MAX_ROOM_MEMBERS', '16', { maxRoomMembers: 16 }],
  ['SKEIN_MAX_CONNECTIONS', '10', { maxConnections: 10 }],
  ['SKEIN_MAX_CONNECTIONS_PER_IP', '10', { maxConnectionsPerIp: 10 }],
  ['SKEIN_JOINS_PER_MINUTE_PER_IP', '10', { joinsPerMinutePerIp: 10 }],
  ['SKEIN_TRUST_PROXY', '10.0.0.0/8,::1', { trustProxy: ['10.0.0.0/8', '::1'] }],
  ['SKEIN_MEMBER_GRACE_MS', '0', { memberGraceMs: 0 }],
  ['SKEIN_HOST_GRACE_MS', '1', { hostGraceMs: 1 }],
  ['SKEIN_REBUILD_MS', '2', { rebuildMs: 2 }],
  ['SKEIN_METRICS_TOKEN', 't', { metricsToken: 't' }],
  ['SKEIN_LOG_LEVEL', 'debug', { logLevel: 'debug' }],
])('%s=%s can be set in the environment or as a flag', (name, text, settings) => {
  expect(start({ [name]: text })).toEqual(settings)
  expect(start({}, [`--${flagOf(name)}`, text])).toEqual(settings)
  expect(start({ [name]: 'no value of any setting\n' }, [`--${flagOf(name)}=${text}`])).toEqual(
    settings,
  )
})

test.each([
  ['PORT', 'abc', 'an integer from 0 to 65535'],
  ['PORT', '-1', 'an integer from 0 to 65535'],
  ['PORT', '65536', 'an integer from 0 to 65535'],
  ['PORT', '1e3', 'an integer from 0 to 65535'],
  ['SKEIN_AUTH', 'closed', 'one of open, token'],
  ['SKEIN_JWKS_URL', 'id.example.org', 'a URL such as https://'],
  ['SKEIN_JWKS_URL', 'http://id.example.org/jwks', 'a URL such as https://'],
  ['SKEIN_JWKS_URL', 'http://127.0.0.1.example.org', 'a URL such as https://'],
  ['SKEIN_JWKS_URL', 'https://me:pass@id.example.org/jwks', 'a URL such as https://'],
  ['SKEIN_JWKS_URL', 'file:///etc/keys.json', 'a URL such as https://'],
  ['SKEIN_ORIGINS', 'https://example.org/path', 'a comma-separated list of origins'],
  ['SKEIN_STUN_URLS', 'stun.example.org', 'a comma-separated list of URLs such as stun:'],
  ['SKEIN_STUN_URLS', 'turn:example.org', 'a comma-separated list of URLs such as stun:'],
  [
    'SKEIN_STUN_URLS',
    'stun:example.org?transport=udp',
    'a comma-separated list of URLs such as stun:',
  ],
  ['SKEIN_TURN_URLS', 'https://example.org', 'a comma-separated list of URLs such as turn:'],
  ['SKEIN_TURN_URLS', 'turn:example.org:70000', 'a comma-separated list of URLs such as turn:'],
  ['SKEIN_TURN_URLS', 'turn:[::1:3478', 'a comma-separated list of URLs such as turn:'],
  ['SKEIN_TURN_URLS', 'turn:[1:2]:3478', 'a comma-separated list of URLs such as turn:'],
  [
    'SKEIN_TURN_URLS',
    'turn:example.org?transport=sctp',
    'a comma-separated list of URLs such as turn:',
  ],
  ['SKEIN_TURN_TTL_S', '1', 'an integer from 30 to 86400'],
  ['SKEIN_MAX_ROOM_MEMBERS', '0', 'an integer from 1'],
  ['SKEIN_MAX_PRIORITY', '101', 'an integer from 0 to 100'],
  ['SKEIN_MAX_CONNECTIONS', 'many', 'an integer from 1'],
  ['SKEIN_TRUST_PROXY', 'all', 'a comma-separated list of addresses or networks'],
  ['SKEIN_MEMBER_GRACE_MS', '10s', 'an integer from 0'],
  ['SKEIN_LOG_LEVEL', 'loud', 'one of fatal, error'],
])('the error for %s=%s names the setting and the expected value', (name, text, must) => {
  const error = `${start({ [name]: text })}`
  expect(error).toContain(`${name} (--${flagOf(name)}) must be ${must}`)
  expect(error).toContain(`not "${text}".`)
})

test.each([
  'redis://localhost',
  'redis://localhost:6380/2',
  'rediss://user:pass@redis.example.org:6379',
  'redis://:pass@[::1]:6379',
])('SKEIN_REDIS_URL accepts %s', (url) => {
  expect(start({ SKEIN_REDIS_URL: url })).toEqual({ redisUrl: url })
})

test.each([
  'localhost:6379',
  'http://localhost',
  'redis://',
  'redis://h:6379/db',
  'redis://:hush@h:99999',
  'redis://:hush@h?x=1',
])('SKEIN_REDIS_URL=%s is an error, which does not repeat the password', (url) => {
  const error = start({ SKEIN_REDIS_URL: url })
  expect(error).toMatch(/^SKEIN_REDIS_URL \(--redis-url\) must be a URL such as redis:/)
  expect(error).not.toContain('hush')
})

test.each([
  ['SKEIN_JWT_KEY', '--jwt-key'],
  ['SKEIN_SECRET', '--secret'],
])('the error for a short %s does not repeat it', (name, flag) => {
  const error = start({ [name]: 's'.repeat(31) })
  expect(error).toBe(
    `${name} (${flag}) must be at least 32 bytes long (try: openssl rand -base64 32).`,
  )
})

test('an empty variable counts as not set; an empty flag is an error', () => {
  expect(start({ PORT: '', SKEIN_AUTH: '', SKEIN_REDIS_URL: '' })).toEqual({})
  expect(start({}, ['--secret', ''])).toBe('SKEIN_SECRET (--secret) must be non-empty.')
})

test('an unknown flag, a flag without a value and a positional argument are errors', () => {
  expect(start({}, ['--prot', '1'])).toContain("'--prot'")
  expect(start({}, ['--port'])).toContain('--port')
  expect(start({}, ['serve'])).toContain("'serve'")
})

test('unknown variables with the prefix SKEIN_ are reported', () => {
  expect(
    unknownVariables({ SKEIN_ORIGIN: 'x', SKEIN_ORIGINS: 'x', SKEIN_AUTH: 'x', HOME: 'x' }),
  ).toEqual(['SKEIN_ORIGIN'])
})

test('--help and --version work even when a setting is invalid', () => {
  expect(start({ PORT: 'abc' }, ['--help'])).toBe('help')
  expect(start({ PORT: 'abc' }, ['--version'])).toBe('version')
})

test('the help and the README list every setting', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const { env } of Object.values(settingTable)) {
    expect(helpText()).toContain(env)
    expect(helpText()).toContain(`--${flagOf(env)} `)
    expect(readme).toContain(`\`${env}\``)
  }
})
