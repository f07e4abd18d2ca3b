import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { addressKey, addressReader } from './client-address.ts'
import { parseNetwork } from './networks.ts'

const request = (remoteAddress: string, forwarded?: string): IncomingMessage => {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
  const message = new IncomingMessage(socket)
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded
  return message
}

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

test('an IPv4 address in the clothes of IPv6 is counted as IPv4', () => {
  expect(addressReader([])(request('::ffff:198.51.100.7'))).toBe('198.51.100.7')
})

test('a forwarded header is not believed when nobody is trusted', () => {
  expect(addressReader([])(request('198.51.100.7', '203.0.113.9'))).toBe('198.51.100.7')
})

test.each([
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '1.2.3.4, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', 'nonsense', '10.0.0.1'],
  ['10.0.0.1', '203.0.113.9, nonsense, 10.0.0.2', '10.0.0.2'],
  ['198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['::ffff:10.0.0.1', '[2001:db8::5]', '2001:db8:0:0::/64'],
])('seen from %s with the header "%s" the client is %s', (remote, header, key) => {
  expect(addressReader(['10.0.0.0/8'])(request(remote, header))).toBe(key)
})

test.each(['10.0.0.0/33', 'example.org', '', '10.0.0.0/8/8', '::/129'])(
  'the text "%s" is no network',
  (text) => {
    expect(parseNetwork(text).ok).toBe(false)
  },
)
