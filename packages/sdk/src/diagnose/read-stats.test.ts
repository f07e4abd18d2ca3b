import { expect, test } from 'vitest'
import { describePair, rate, selectedPair, withoutAddress } from './read-stats.ts'
import { recorded } from './recorded-stats.testing.ts'

const browsers = ['chromium', 'firefox'] as const

test.for(browsers)('the pair in use is found in the stats of %s', (browser) => {
  const pair = selectedPair(recorded[browser].direct)
  expect(pair).toMatchObject({ local: { type: 'host', protocol: 'udp', relayProtocol: null } })
  expect(pair?.bytesSent).toBeGreaterThan(20_000)
  expect(pair?.bytesReceived).toBeGreaterThan(2_000)
})

test.for(browsers)('%s says how its own relay is reached', (browser) => {
  const over = (kind: 'relayTcp' | 'relayUdp') =>
    selectedPair(recorded[browser][kind])?.local.relayProtocol
  expect([over('relayTcp'), over('relayUdp')]).toEqual(['tcp', 'udp'])
})

test('Firefox marks the pair itself where it has no transport', () => {
  const stats = recorded.firefox.direct.filter(({ type }) => type !== 'transport')
  expect(selectedPair(stats)).toEqual(selectedPair(recorded.firefox.direct))
})

test('without a selected pair there is none', () => {
  expect(selectedPair([])).toBeNull()
  const stats = recorded.chromium.direct.filter(({ type }) => type !== 'transport')
  expect(selectedPair(stats)).toBeNull()
})

test('a pair is described in words', () => {
  const wordsOf = (stats: Parameters<typeof selectedPair>[0]) => {
    const pair = selectedPair(stats)
    return pair && describePair(pair, 'Ben')
  }
  expect(wordsOf(recorded.chromium.direct)).toBe('your own UDP address ↔ Ben’s own UDP address')
  expect(wordsOf(recorded.firefox.direct)).toBe(
    'your own UDP address ↔ Ben’s UDP address behind a NAT',
  )
  expect(wordsOf(recorded.firefox.relayTcp)).toBe('your TURN relay over TCP ↔ Ben’s TURN relay')
})

test('addresses can be left out', () => {
  const local = selectedPair(recorded.chromium.direct)?.local
  expect(local?.address).toBe('fd00::2')
  expect(local && withoutAddress(local)).toEqual({ ...local, address: null, port: null })
})

test('a rate needs two readings of the same connection', () => {
  expect(rate(1_000, 3_000, 500)).toBe(4_000)
  expect(rate(3_000, 1_000, 500)).toBeNull()
  expect(rate(null, 1_000, 500)).toBeNull()
  expect(rate(1_000, 1_000, 0)).toBeNull()
})
