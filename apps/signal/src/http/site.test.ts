import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/servers.ts'

const page = '<!doctype html><title>Skein</title>'
const script = 'console.log("hello")'

const missingPage = '<!doctype html><title>Nothing here</title><a href="/">Start</a>'

const startSite = async (config?: string): Promise<TestServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-site-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const site = join(folder, 'site')
  mkdirSync(join(site, 'assets'), { recursive: true })
  writeFileSync(join(site, 'index.html'), page)
  writeFileSync(join(site, '404.html'), missingPage)
  if (config !== undefined) writeFileSync(join(site, 'config.json'), config)
  writeFileSync(join(site, 'assets/app-1a2b.js'), script)
  writeFileSync(join(site, 'assets/app-1a2b.js.br'), brotliCompressSync(script))
  writeFileSync(join(site, 'assets/app-1a2b.js.gz'), gzipSync(script))
  writeFileSync(join(folder, 'outside.txt'), 'outside')
  return startTestServer({ site })
}

test('the page has a content security policy and is revalidated on every load', async () => {
  const server = await startSite()
  const response = await fetch(`${server.httpUrl}/`)
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(page)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  const policy = directivesOf(response.headers.get('content-security-policy'))
  expect(policy.get('default-src')).toBe("'self'")
  expect(policy.get('script-src') ?? policy.get('default-src')).toBe("'self'")
  expect(policy.get('img-src')).toBe("'self' blob: data:")
  expect(policy.get('frame-ancestors')).toBe("'none'")
})

test.each([
  ['example.org', "'self' ws://example.org wss://example.org"],
  ['example.org:8443', "'self' ws://example.org:8443 wss://example.org:8443"],
  ['192.0.2.7:8787', "'self' ws://192.0.2.7:8787 wss://192.0.2.7:8787"],
  // A policy cannot name an IPv6 address.
  ['[::1]:8787', "'self'"],
  ['*', "'self'"],
  ['*.example.org', "'self'"],
  ['a'.repeat(300), "'self'"],
])('a page that is requested from host "%s" can connect to %s', async (host, sources) => {
  const { port } = await startSite()
  const { headers } = await rawGet(port, '/', { host })
  const policy = directivesOf(headers['content-security-policy'])
  expect(policy.get('connect-src')).toBe(sources)
  expect(policy.has('script-src')).toBe(false)
})

test.each([
  "example.org; script-src 'unsafe-inline'",
  'example.org wss:',
  'example.org, evil.test',
  'example.org/path',
])('a request whose host is "%s" does not get the page', async (host) => {
  const { port } = await startSite()
  const { status, body } = await rawGet(port, '/', { host })
  expect(status).toBe(400)
  expect(body).not.toContain('Skein')
})

test('the page may ask for camera, microphone and screen for itself, and for nothing else', async () => {
  const server = await startSite()
  const response = await fetch(`${server.httpUrl}/`)
  const entries = (response.headers.get('permissions-policy') ?? '').split(', ')
  const allowed = entries.filter((entry) => !entry.endsWith('=()'))
  expect(allowed).toEqual([
    'camera=(self)',
    'microphone=(self)',
    'display-capture=(self)',
    'clipboard-write=(self)',
  ])
  for (const feature of ['geolocation', 'usb', 'payment', 'midi', 'serial']) {
    expect(entries).toContain(`${feature}=()`)
  }
})

test.each(['br', 'gzip', 'identity'])(
  'an asset is immutable and can be fetched as %s',
  async (encoding) => {
    const server = await startSite()
    const response = await fetch(`${server.httpUrl}/assets/app-1a2b.js`, {
      headers: { 'accept-encoding': encoding },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding)
    expect(await response.text()).toBe(script)
  },
)

test.each([
  ['/r/blue-door', '../#/r/blue-door'],
  ['/r/blue-door/', '../../#/r/blue-door'],
  ['/r/blue-door?from=mail', '../#/r/blue-door'],
  ['/r/%E8%93%9D%E9%97%A8', '../#/r/%E8%93%9D%E9%97%A8'],
  ['/r/a%2Fb', '../#/r/a%2Fb'],
  ['/r/..%2f..%2fetc', '../#/r/..%2F..%2Fetc'],
  ['/r/%2F%2Fevil.test', '../#/r/%2F%2Fevil.test'],
  ['/r/a%0d%0aSet-Cookie:x', '../#/r/a%0D%0ASet-Cookie%3Ax'],
  ['/r/<b>', '../#/r/%3Cb%3E'],
])('%s leads to the room, wherever the site is: %s', async (path, location) => {
  const { port } = await startSite()
  const { status, headers } = await rawGet(port, path)
  expect([status, headers.location]).toEqual([302, location])
  const resolved = new URL(location, `https://example.org/party${path}`)
  expect([resolved.origin, resolved.pathname]).toEqual(['https://example.org', '/party/'])
})

test.each([
  ['/nonsense', './'],
  ['/nonsense/', '../'],
  ['/a/b/c', '../../'],
  ['/r', './'],
  ['/r/', '../'],
  ['/r/a/b', '../../'],
  ['/r/%zz', '../'],
  ['//evil.test/r/x', '../../../'],
  ['/index.php', './'],
])('%s is 404, with a page whose link leads to the start: %s', async (path, home) => {
  const { port } = await startSite()
  const { status, headers, body } = await rawGet(port, path)
  expect(status).toBe(404)
  expect(body).toBe(missingPage.replace('"/"', `"${home}"`))
  expect(headers['content-security-policy']).toContain("default-src 'self'")
})

test.each([
  [
    '{"signal":"wss://signal.example.org/ws"}',
    ' wss://signal.example.org https://signal.example.org',
  ],
  ['{"signal":"ws://10.0.0.7:8787/ws"}', ' ws://10.0.0.7:8787 http://10.0.0.7:8787'],
  ['{"signal":"./ws"}', ''],
  ['{"signal":"https://example.org"}', ''],
  ['{"signal":"wss://x; script-src *"}', ''],
  ['{"signal":7}', ''],
  ['not JSON', ''],
  ['null', ''],
])('with the config.json %s the page may also connect to "%s"', async (config, sources) => {
  const { port } = await startSite(config)
  const { headers } = await rawGet(port, '/', { host: 'example.org' })
  const policy = directivesOf(headers['content-security-policy'])
  expect(policy.get('connect-src')).toBe(`'self' ws://example.org wss://example.org${sources}`)
  expect(policy.has('script-src')).toBe(false)
})

test('a missing asset is 404, not the page', async () => {
  const server = await startSite()
  const response = await fetch(`${server.httpUrl}/assets/app-9z9z.js`)
  expect(response.status).toBe(404)
  expect(await response.text()).not.toContain('Skein')
})

test.each([
  '/../outside.txt',
  '/assets/../../outside.txt',
  '/%2e%2e/outside.txt',
  '/..%2foutside.txt',
])('no file outside the site is served: %s', async (path) => {
  const server = await startSite()
  expect((await rawGet(server.port, path)).body).not.toContain('outside')
})

test('without a site, / is 404', async () => {
  const server = await startTestServer()
  expect((await fetch(`${server.httpUrl}/`)).status).toBe(404)
})

const directivesOf = (policy: string | string[] | null | undefined): ReadonlyMap<string, string> =>
  new Map(
    String(policy)
      .split('; ')
      .map((directive) => [
        directive.replace(/ .*$/, ''),
        directive.slice(directive.indexOf(' ') + 1),
      ]),
  )

interface RawResponse {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Requests the path verbatim, with any headers; `fetch` would normalize them. */
const rawGet = async (
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawResponse> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = request({ port, path, headers, host: '127.0.0.1' }, resolve)
  outgoing.on('error', reject)
  outgoing.end()
  const response = await promise
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}
