import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/servers.ts'

const page = '<!doctype html><title>Skein</title>'
const script = 'console.log("hello")'

const startSite = async (): Promise<TestServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-site-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const site = join(folder, 'site')
  mkdirSync(join(site, 'assets'), { recursive: true })
  writeFileSync(join(site, 'index.html'), page)
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
  const policy = response.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("connect-src 'self' ws: wss:")
  expect(policy).toContain("img-src 'self' blob: data:")
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

test('a path that is not a file gets the page', async () => {
  const server = await startSite()
  const response = await fetch(`${server.httpUrl}/r/blue-door`)
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(page)
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
  expect(await rawGet(server.port, path)).not.toContain('outside')
})

test('without a site, / is 404', async () => {
  const server = await startTestServer()
  expect((await fetch(`${server.httpUrl}/`)).status).toBe(404)
})

/** Requests the path verbatim; `fetch` would normalize it. */
const rawGet = async (port: number, path: string): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const outgoing = request({ port, path, host: '127.0.0.1' }, (response) => {
    let body = ''
    response.on('data', (data) => {
      body += data
    })
    response.on('end', () => resolve(body))
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}
