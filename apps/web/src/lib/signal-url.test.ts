import { expect, test } from 'vitest'
import { signalUrl } from './signal-url.ts'

test.each([
  ['http://192.168.1.5:8787/#/r/blue-door', 'ws://192.168.1.5:8787/ws'],
  ['https://example.org/', 'wss://example.org/ws'],
  ['https://example.org/index.html?from=mail', 'wss://example.org/ws'],
  ['https://example.org/party/#/r/blue-door', 'wss://example.org/party/ws'],
])('a page at %s connects to %s', (page, url) => {
  expect(signalUrl(page)).toBe(url)
})

test('the build can name another server, or another path of the same one', () => {
  const page = 'https://example.org/party/#/r/blue-door'
  expect(signalUrl(page, 'wss://signal.example.org/ws')).toBe('wss://signal.example.org/ws')
  expect(signalUrl(page, '/signal/ws')).toBe('wss://example.org/signal/ws')
  expect(signalUrl(page, '')).toBe('wss://example.org/party/ws')
})
