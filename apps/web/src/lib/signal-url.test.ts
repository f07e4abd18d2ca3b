import { expect, test, vi } from 'vitest'
import { findSignalUrl } from './signal-url.ts'

const answering = (body: string, init?: ResponseInit) => async () => new Response(body, init)
const missing = answering('', { status: 404 })
const config = (signal: unknown) => answering(JSON.stringify({ signal }))

test.each([
  ['http://localhost:5173/#/r/blue-door', 'ws://localhost:5173/ws'],
  ['https://skein.example.org/', 'wss://skein.example.org/ws'],
  ['https://example.org/party/?from=mail#/r/x', 'wss://example.org/party/ws'],
  ['https://example.org/party/index.html', 'wss://example.org/party/ws'],
])('without a config.json, the server of %s is %s', async (page, url) => {
  expect(await findSignalUrl(page, missing)).toBe(url)
})

test.each([
  ['wss://signal.example.net/ws', 'wss://signal.example.net/ws'],
  ['https://signal.example.net/ws', 'wss://signal.example.net/ws'],
  ['../signal/ws', 'wss://example.org/signal/ws'],
  ['./ws', 'wss://example.org/party/ws'],
  [undefined, 'wss://example.org/party/ws'],
  [null, 'wss://example.org/party/ws'],
])('the server that config.json names as %s is %s', async (signal, url) => {
  expect(await findSignalUrl('https://example.org/party/', config(signal))).toBe(url)
})

test.each(['', 'not JSON', '[]', 'null', '"wss://x"', '{"signal":7}', '{"signal":"ftp://x"}'])(
  'a config.json that reads %s is an error',
  async (body) => {
    const finding = findSignalUrl('https://example.org/', answering(body))
    await expect(finding).rejects.toMatchObject({ code: 'bad-config' })
  },
)

test('config.json is looked for beside the page, and not taken from the cache unasked', async () => {
  const load = vi.fn(missing)
  await findSignalUrl('https://example.org/party/#/r/x', load)
  const file = new URL('https://example.org/party/config.json')
  expect(load).toHaveBeenCalledExactlyOnceWith(file, { cache: 'no-cache' })
})

test('a page in place of a missing config.json does not count, nor does a network that fails', async () => {
  const page = answering('<!doctype html>', { headers: { 'Content-Type': 'text/html' } })
  const failing = () => Promise.reject(new TypeError('Failed to fetch'))
  for (const load of [page, failing]) {
    expect(await findSignalUrl('https://example.org/', load)).toBe('wss://example.org/ws')
  }
})
