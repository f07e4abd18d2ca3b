import { expect, test } from 'vitest'
import { candidatesIn, isHidden, isSameNetwork, natOf } from './candidates.ts'

const sdp = (...lines: readonly string[]) =>
  candidatesIn(lines.map((line, index) => `a=candidate:${index} 1 ${line}\r\n`).join(''))

const host = 'udp 2122194687 10.0.0.7 50000 typ host generation 0'
const hidden = 'UDP 2122187007 657cc43a-c30c-4fff-9932-7a010920086c.local 54296 typ host'
const mapped = (port: number, base = 'raddr 10.0.0.7 rport 50000') =>
  `udp 1685987327 203.0.113.4 ${port} typ srflx ${base} generation 0`

test('candidates are read from a description', () => {
  expect(sdp(host, mapped(6_000))).toEqual([
    { type: 'host', protocol: 'udp', address: '10.0.0.7', port: 50_000, base: null },
    {
      type: 'srflx',
      protocol: 'udp',
      address: '203.0.113.4',
      port: 6_000,
      base: '10.0.0.7 50000',
    },
  ])
  expect(candidatesIn('v=0\r\na=candidate:garbage')).toEqual([])
})

test('a NAT that maps one socket to two ports is symmetric', () => {
  expect(natOf(sdp(host, mapped(6_000), mapped(6_001)))).toBe('symmetric')
})

test('a NAT with one mapping for each socket is not called symmetric', () => {
  const other = 'udp 1 10.0.0.8 50001 typ host'
  const ofOther = mapped(6_001, 'raddr 10.0.0.8 rport 50001')
  expect(natOf(sdp(host, other, mapped(6_000), ofOther))).toBe('unknown')
})

test('where addresses are hidden, more mappings than sockets prove a symmetric NAT', () => {
  const base = 'raddr 0.0.0.0 rport 0'
  expect(natOf(sdp(hidden, mapped(6_000, base)))).toBe('unknown')
  expect(natOf(sdp(hidden, mapped(6_000, base), mapped(6_001, base)))).toBe('symmetric')
})

test('a public address of its own means no NAT', () => {
  expect(natOf(sdp('udp 1 203.0.113.9 50000 typ host'))).toBe('none')
  expect(natOf(sdp(host))).toBe('unknown')
  expect(natOf(sdp(hidden))).toBe('unknown')
  expect(natOf(sdp('udp 1 fd00::2 50000 typ host'))).toBe('unknown')
})

test('two devices behind one public address are in the same network', () => {
  const other = 'udp 1 198.51.100.3 6002 typ srflx raddr 10.0.0.7 rport 50000'
  expect(isSameNetwork(sdp(host, mapped(6_000)), sdp(hidden, mapped(7_000)))).toBe(true)
  expect(isSameNetwork(sdp(host, mapped(6_000)), sdp(hidden, other))).toBe(false)
  expect(isSameNetwork(sdp(host), sdp(host))).toBe(false)
})

test('a browser that shows mDNS names alone hides its addresses', () => {
  expect(isHidden(sdp(hidden, mapped(6_000)))).toBe(true)
  expect(isHidden(sdp(hidden, host))).toBe(false)
  expect(isHidden([])).toBe(false)
})
