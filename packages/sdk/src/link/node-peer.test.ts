import { RTCPeerConnection as NodePeerConnection } from 'node-datachannel/polyfill'
import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import {
  type RealPair,
  type RealPairOptions,
  realPair,
  replaceConnection,
  talk,
} from './real-pair.testing.ts'

// Its types differ from the platform's only in the event of `ondatachannel` (0.33.4).
const port: unknown = NodePeerConnection
const ports = { a: port as typeof RTCPeerConnection, b: port as typeof RTCPeerConnection }
const pairs: RealPair[] = []

const open = (seed: number, more: Partial<RealPairOptions> = {}): RealPair => {
  const pair = realPair({ random: seededRandom(seed), ports, ...more })
  pairs.push(pair)
  return pair
}

afterEach(() => {
  for (const pair of pairs.splice(0)) pair.close()
})

test('two Node peers open a link, exchange messages and measure their path', async () => {
  const pair = open(1, { isAnswerFirst: true })
  await talk(pair, 'hello')
  await pair.until(() => pair.a.link.status.path !== null && pair.b.link.status.rttMs !== null)
  expect(pair.a.link.status).toMatchObject({ state: 'open', path: 'direct' })
  expect([pair.a.connections.length, pair.b.connections.length]).toEqual([1, 1])
})

test('when both make an offer at the same moment, both end up using the same connection', async () => {
  for (let round = 0; round < 5; round += 1) {
    const pair = open(round, { maxDelayMs: 20 })
    pair.a.link.probe()
    await talk(pair, `round ${round}`)
    pair.close()
  }
}, 30_000)

test('a connection that closes unexpectedly is replaced', async () => {
  const pair = open(2)
  await talk(pair, 'before')
  await replaceConnection(pair, 'b')
  await talk(pair, 'after')
}, 30_000)

test('frames of an unordered frame channel arrive under its label', async () => {
  const pair = open(3)
  await talk(pair, 'hello')
  const frameChannel = pair.a.link.openFrameChannel({
    label: 'c:cursor',
    ordered: false,
    maxRetransmits: 0,
    maxPacketLifeTime: null,
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  if (frameChannel) frameChannel.ondrain = resolve
  await promise
  frameChannel?.send(new TextEncoder().encode('here'))
  await pair.until(() => pair.b.frames.some(({ label }) => label === 'c:cursor'))
})
