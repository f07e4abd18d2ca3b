import { type IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { addressKey, addressReader } from './client-address.ts'
import { parseNetwork } from './networks.ts'

const request = (remoteAddress: string, headers: IncomingHttpHeaders = {}): IncomingMessage => {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
  const message = new IncomingMessage(socket)
  Object.assign(message.headers, headers)
  return message
}
const listed = (list: string): IncomingHttpHeaders => ({ 'x-forwarded-for': list })

const readUntrusting = addressReader({ trustProxy: [] })
const readTrusting = addressReader({ trustProxy: ['10.0.0.0/8', 'fd00::/8'] })

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['127.0.0.1', null],
  ['127.9.9.9', null],
  ['::1', null],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::192.0.2.1', '2001:db8:1:2::/64'],
])('the address %s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

test.each([
  '::ffff:198.51.100.7',
  '::FFFF:198.51.100.7',
  '::ffff:c633:6407',
  '0:0:0:0:0:ffff:198.51.100.7',
])('an IPv4-mapped IPv6 address is counted as IPv4: %s', (remote) => {
  expect(readUntrusting(request(remote))).toBe('198.51.100.7')
})

test('IPv4-mapped loopback is not counted', () => {
  expect(readUntrusting(request('::ffff:127.0.0.1'))).toBeNull()
})

test('the zone of an address is ignored', () => {
  expect(readUntrusting(request('fe80::1%eth0'))).toBe('fe80:0:0:0::/64')
})

test('without a trusted proxy, forwarded headers are ignored', () => {
  const calls: string[] = []
  const read = addressReader({ trustProxy: [], headerIgnored: () => calls.push('ignored') })
  expect(read(request('198.51.100.7'))).toBe('198.51.100.7')
  expect(calls).toEqual([])
  expect(read(request('198.51.100.7', listed('203.0.113.9')))).toBe('198.51.100.7')
  expect(read(request('198.51.100.7', { forwarded: 'for=203.0.113.9' }))).toBe('198.51.100.7')
  expect(calls).toEqual(['ignored', 'ignored'])
})

test.each([
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '1.2.3.4, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '10.0.0.9,203.0.113.9 ,\t10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['10.0.0.1', '[2001:db8::5]:4711', '2001:db8:0:0::/64'],
  ['10.0.0.1', '::ffff:cb00:7109', '203.0.113.9'],
  ['10.0.0.1', 'nonsense', '10.0.0.1'],
  ['10.0.0.1', '', '10.0.0.1'],
  ['10.0.0.1', '203.0.113.9, nonsense, 10.0.0.2', '10.0.0.2'],
  ['10.0.0.1', '203.0.113.9, 10.0.0.2,', '10.0.0.1'],
  ['198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['::ffff:10.0.0.1', '[2001:db8::5]', '2001:db8:0:0::/64'],
  ['fd00::1', '2001:db8::5, fd00::2', '2001:db8:0:0::/64'],
])('a request from %s with X-Forwarded-For: %s comes from %s', (remote, header, key) => {
  expect(readTrusting(request(remote, listed(header)))).toBe(key)
})

test.each([
  ['10.0.0.1', 'for=203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', 'for=1.2.3.4, For=203.0.113.9;proto=https;by=10.0.0.1, for=10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', 'proto=https; for="203.0.113.9:4711"', '203.0.113.9'],
  ['10.0.0.1', 'for="[2001:db8::5]:4711"', '2001:db8:0:0::/64'],
  ['10.0.0.1', 'for=unknown', '10.0.0.1'],
  ['10.0.0.1', 'for=203.0.113.9, for=_hidden, for=10.0.0.2', '10.0.0.2'],
  ['10.0.0.1', 'for=203.0.113.9, proto=https', '10.0.0.1'],
  ['10.0.0.1', 'for="1.2.3.4, for=203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', 'x="for=1.2.3.4";for=203.0.113.9', '203.0.113.9'],
  ['198.51.100.7', 'for=203.0.113.9', '198.51.100.7'],
])('a request from %s with Forwarded: %s comes from %s', (remote, forwarded, key) => {
  expect(readTrusting(request(remote, { forwarded }))).toBe(key)
})

test('a Forwarded header of the client is ignored next to X-Forwarded-For of the proxy', () => {
  const headers = { ...listed('203.0.113.9'), forwarded: 'for=1.2.3.4' }
  expect(readTrusting(request('10.0.0.1', headers))).toBe('203.0.113.9')
})

test.each(['10.0.0.0/33', 'example.org', '', '10.0.0.0/8/8', '::/129'])(
  '"%s" is not a valid network',
  (text) => {
    expect(parseNetwork(text).ok).toBe(false)
  },
)
