import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { type RealPair, realPair, replaceConnection, settled, talk } from './real-pair.testing.ts'

const ports = { a: RTCPeerConnection, b: RTCPeerConnection }
const pairs: RealPair[] = []

const open = (seed: number, maxDelayMs = 0): RealPair => {
  const pair = realPair({ random: seededRandom(seed), maxDelayMs, ports })
  pairs.push(pair)
  return pair
}

afterEach(() => {
  for (const pair of pairs.splice(0)) pair.close()
})

test('two links in a page open, exchange messages and measure their path', async () => {
  const pair = open(1)
  await talk(pair, 'hello')
  const { a, b, until } = pair
  await until(() => a.link.status.path !== null && b.link.status.rttMs !== null)
  expect(a.link.status).toMatchObject({ state: 'open', path: 'direct', reason: null })
})

test('the signaled candidates connect both ends, and none of them is an active TCP candidate', async () => {
  const pair = open(2)
  await talk(pair, 'hello')
  const signaled = [pair.a, pair.b].flatMap(({ signals }) =>
    signals.flatMap((data) => (data.type === 'candidate' ? [data.candidate?.candidate] : [])),
  )
  expect(signaled).toContainEqual(expect.stringContaining(' udp '))
  expect(signaled).not.toContainEqual(expect.stringContaining('tcptype active'))
})

test('200 negotiations that both sides start at the same moment all converge', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  console.log(`glare in Chromium: seed ${seed}`)
  const pair = open(seed, 8)
  const random = seededRandom(seed + 1)
  await talk(pair, 'start')
  const { a, b, until } = pair
  const [one, other] = [a.connections[0], b.connections[0]]
  const isStable = () => one?.signalingState === 'stable' && other?.signalingState === 'stable'
  let collisions = 0
  const count = () => {
    const states = [one?.signalingState, other?.signalingState]
    if (states.every((state) => state === 'have-local-offer')) collisions += 1
  }
  one?.addEventListener('signalingstatechange', count)
  other?.addEventListener('signalingstatechange', count)
  for (let round = 0; round < 200; round += 1) {
    const ufrags = [ufrag(one), ufrag(other)]
    one?.restartIce()
    // Half of the rounds in the same tick, the others a little apart.
    if (round % 2) await new Promise((resolve) => setTimeout(resolve, random() * 12))
    other?.restartIce()
    await until(() => isStable() && ufrag(one) !== ufrags[0] && ufrag(other) !== ufrags[1])
    await talk(pair, `round ${round}`)
    // The offer that was rolled back may be made again once the other one is answered.
    await until(isStable)
    expect([one?.signalingState, other?.signalingState]).toEqual(['stable', 'stable'])
  }
  console.log(`${collisions} collisions in 200 rounds`)
  expect(collisions).toBeGreaterThan(20)
  // No negotiation ended a connection. A page that is slow may try another one meanwhile, and says so.
  const events = [a, b].flatMap(({ link }) => link.history.map(({ event }) => event))
  expect(events).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(ended|failed|closed)$/)]),
  )
  const trials = events.filter((event) => event === 'network' || event === 'silent').length
  expect(Math.max(a.connections.length, b.connections.length)).toBeLessThanOrEqual(1 + trials)
}, 120_000)

const ufrag = (connection: RTCPeerConnection | undefined) =>
  connection?.currentLocalDescription?.sdp.match(/a=ice-ufrag:(\S+)/)?.[1]

test('after two first offers at the same moment, with delayed signals, both sides use one connection', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  console.log(`first offers in Chromium: seed ${seed}`)
  for (let round = 0; round < 20; round += 1) {
    const pair = open(seed + round, 40)
    // The impolite side does not wait for the other's offer.
    pair.a.link.probe()
    await talk(pair, `round ${round}`)
    await settled(pair)
    await talk(pair, `after round ${round}`)
    const { a, b } = pair
    const left = () =>
      [a, b].map(({ connections }) =>
        connections.filter(({ connectionState }) => connectionState !== 'closed'),
      )
    // Those that are dropped close a moment later, and a local `close` causes no event.
    await expect.poll(() => left().map(({ length }) => length)).toEqual([1, 1])
    // Each offer is an attempt (LINKS.md): both may open, and one side then follows the other.
    expect(Math.max(a.opened, b.opened)).toBeLessThanOrEqual(2)
    pair.close()
  }
}, 60_000)

test('while signaling is down an ICE restart uses the control channel', async () => {
  const pair = open(2)
  await talk(pair, 'before')
  const { a, b, signaling, until } = pair
  signaling.isUp = false
  const signals = a.signals.length + b.signals.length
  const [one] = a.connections
  const before = ufrag(one)
  one?.restartIce()
  await until(() => one?.signalingState === 'stable' && ufrag(one) !== before)
  await talk(pair, 'after')
  expect(a.signals.length + b.signals.length).toBe(signals)
  expect([a.opened, b.opened]).toEqual([1, 1])
})

test.each(['a', 'b'] as const)(
  'a connection of %s that closes unexpectedly is replaced',
  async (name) => {
    const pair = open(3)
    await talk(pair, 'before')
    await replaceConnection(pair, name)
    await talk(pair, 'after')
    expect(pair.a.link.status.state).toBe('open')
  },
  30_000,
)

test('signals of a replaced connection are ignored', async () => {
  const pair = open(4)
  await talk(pair, 'before')
  const old = [...pair.a.signals]
  await replaceConnection(pair, 'a')
  const created = pair.b.connections.length
  const { opened } = pair.b
  for (const data of old) pair.b.link.receive(data)
  await talk(pair, 'after')
  expect(pair.b.connections.length).toBe(created)
  expect(pair.b.opened).toBe(opened)
}, 30_000)

test('frames of a separate frame channel arrive under its label, and the main one keeps working', async () => {
  const pair = open(5)
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
  expect(pair.b.frames.at(-1)).toEqual({ label: 'c:cursor', text: 'here' })
  await talk(pair, 'still')
})

test('closing a link sends `bye`, and the other side does not repair it', async () => {
  const pair = open(6)
  await talk(pair, 'hello')
  pair.a.link.close()
  await pair.until(() => pair.b.link.status.state === 'failed')
  expect(pair.b.link.status.reason).toBe('The peer closed the link.')
  expect(pair.b.connections.length).toBe(1)
})
