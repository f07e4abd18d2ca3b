import { expect, test } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import type { LinkObserver } from './link.ts'
import { type LinkPair, linkPair } from './link-pair.testing.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

const opened = async (seed = 1, explicit: readonly ('a' | 'b')[] = []): Promise<LinkPair> => {
  const pair = linkPair({ seed, explicit })
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen)
  await pair.clock.advance(200)
  return pair
}

const send = (pair: LinkPair, name: 'a' | 'b', ...bytes: number[]) =>
  pair[name].main?.send(new Uint8Array(bytes))

test('the peer that joined later makes the offer, and frames arrive in both directions', async () => {
  const pair = await opened()
  send(pair, 'a', 1, 2)
  send(pair, 'b', 3)
  await pair.clock.advance(100)
  expect(pair.b.frames).toEqual([['skein', [1, 2]]])
  expect(pair.a.frames).toEqual([['skein', [3]]])
  const offers = (name: 'a' | 'b') =>
    pair[name].signals.filter(
      (data) => data.type === 'description' && data.description.type === 'offer',
    )
  expect([offers('a').length, offers('b').length]).toEqual([0, 1])
  expect([pair.a.states, pair.b.states]).toEqual([['open'], ['open']])
  // The path is read later, so that a room can form first.
  expect(pair.a.link.status).toMatchObject({ path: null, rttMs: null })
  await pair.clock.advance(1_000)
  expect(pair.a.link.status).toMatchObject({ path: 'direct', rttMs: expect.any(Number) })
})

test('without an offer of the polite peer the impolite one makes its own after 2.5 s', async () => {
  const pair = linkPair({ seed: 2 })
  pair.signaling.isUp = false
  await pair.clock.advance(200)
  pair.b.link.close()
  pair.signaling.isUp = true
  await pair.clock.advance(2_200)
  expect(pair.a.signals).toEqual([])
  await pair.clock.advance(400)
  expect(pair.a.signals).toContainEqual(
    expect.objectContaining({ description: expect.objectContaining({ type: 'offer' }) }),
  )
})

test('after a lost offer another attempt follows', async () => {
  const pair = linkPair({ seed: 3 })
  pair.signaling.isUp = false
  await pair.clock.advance(1_000)
  pair.signaling.isUp = true
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 3_000 })
  await pair.clock.advance(2_000)
  expect(pair.network.connections().length).toBe(2)
})

test('an idle link stays open for an hour without a repair', async () => {
  const pair = await opened()
  await pair.clock.advance(3_600_000)
  expect([pair.a.states, pair.b.states]).toEqual([['open'], ['open']])
})

test('time in which a page slept does not count as silence of the other side', async () => {
  const pair = await opened()
  await pair.clock.sleep(600_000)
  await pair.clock.advance(30_000)
  expect([pair.a.states, pair.b.states]).toEqual([['open'], ['open']])
})

test('a silence of less than a second is no reason to act', async () => {
  const pair = await opened()
  send(pair, 'a', 1)
  pair.network.cut('a', 'b')
  await pair.clock.advance(900)
  pair.network.restore('a', 'b')
  await pair.clock.advance(30_000)
  expect([pair.a.events, pair.b.events]).toEqual([['opened'], ['opened']])
})

test('a link in use is suspected a second after the last sign of life, an idle one within 3 s', async () => {
  for (const isBusy of [true, false]) {
    const pair = await opened()
    if (!isBusy) await pair.clock.advance(10_000)
    else send(pair, 'a', 1)
    pair.network.cut('a', 'b')
    const cutAt = pair.clock.now()
    await pair.clock.until(() => pair.a.link.brokenSince !== null)
    expect(pair.clock.now() - cutAt).toBeLessThanOrEqual(isBusy ? 1_050 : 2_800)
    await pair.clock.until(() => pair.a.link.status.state === 'repairing')
    expect(pair.clock.now() - cutAt).toBeLessThanOrEqual(3_000)
  }
})

test('a broken connection carries on until another one does', async () => {
  const pair = await opened()
  send(pair, 'a', 1)
  await pair.clock.advance(100)
  pair.network.cut('a', 'b')
  await pair.clock.advance(8_000)
  // Nobody has given up the old one.
  expect([pair.a.events, pair.b.events]).toEqual([['opened'], ['opened']])
  pair.network.restore('a', 'b')
  await pair.clock.advance(300)
  expect([pair.a.link.status.state, pair.b.link.status.state]).toEqual(['open', 'open'])
})

test('after a change of address a new connection carries the link within 1.5 s', async () => {
  const pair = await opened()
  send(pair, 'a', 1)
  await pair.clock.advance(100)
  pair.network.move('a')
  const movedAt = pair.clock.now()
  await pair.clock.until(() => pair.a.events.length === 3 && pair.b.events.length === 3)
  expect(pair.clock.now() - movedAt).toBeLessThanOrEqual(1_500)
  // The state follows the data: silence of less than 2 s is no repair.
  expect(pair.a.states).toEqual(['open'])
  await pair.clock.advance(2_500)
  expect(pair.network.connections().length).toBe(2)
})

test('with the server away too, nothing is thrown away and no attempt is made', async () => {
  const pair = await opened()
  send(pair, 'a', 1)
  await pair.clock.advance(100)
  pair.network.cut('a', 'b')
  pair.signaling.isUp = false
  const before = pair.network.connections()
  await pair.clock.advance(14_000)
  expect(pair.network.connections().length).toBe(before.length)
  pair.network.restore('a', 'b')
  await pair.clock.advance(300)
  expect([pair.a.isOpen, pair.b.isOpen]).toEqual([true, true])
})

test('when the server is back, a retry calls at once', async () => {
  const pair = await opened()
  pair.signaling.isUp = false
  pair.network.move('a')
  await pair.clock.advance(30_000)
  pair.signaling.isUp = true
  pair.a.link.retry()
  await pair.clock.advance(500)
  expect([pair.a.isOpen, pair.b.isOpen]).toEqual([true, true])
})

test('after a change of the network a short silence is enough', async () => {
  const pair = await opened()
  await pair.clock.advance(10_000)
  pair.network.move('b')
  pair.b.link.networkChanged()
  const movedAt = pair.clock.now()
  await pair.clock.until(() => pair.a.events.length === 3 && pair.b.events.length === 3)
  expect(pair.clock.now() - movedAt).toBeLessThanOrEqual(800)
})

test('a probe finds a dead path within half a second', async () => {
  const pair = await opened()
  await pair.clock.advance(10_000)
  pair.network.move('b')
  pair.b.link.probe()
  const movedAt = pair.clock.now()
  await pair.clock.until(() => pair.b.link.brokenSince !== null)
  expect(pair.clock.now() - movedAt).toBeLessThanOrEqual(510)
})

test('a Node peer, which cannot restart ICE, heals in the same way', async () => {
  const pair = await opened(4, ['b'])
  send(pair, 'a', 1)
  pair.network.move('a')
  await pair.clock.until(() => pair.a.events.length === 3 && pair.b.events.length === 3, {
    limitMs: 2_000,
  })
  await pair.clock.advance(2_500)
  expect(pair.network.connections().length).toBe(2)
})

test('a first connection that closes during its handshake says nothing about the path', async () => {
  const pair = linkPair({ seed: 11 })
  const isAnswered = () => pair.network.connections('a').some((each) => each.remoteDescription)
  await pair.clock.until(isAnswered)
  for (const connection of pair.network.connections()) connection.close()
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 3_000 })
  expect([pair.a.states, pair.b.states]).toEqual([['open'], ['open']])
})

test('a connection that closes is replaced at once', async () => {
  const pair = await opened()
  pair.network.connections('a')[0]?.close()
  const closedAt = pair.clock.now()
  await pair.clock.until(() => pair.a.events.length === 3 && pair.b.events.length === 3)
  expect(pair.clock.now() - closedAt).toBeLessThan(500)
  await pair.clock.advance(2_500)
  expect(pair.network.connections().length).toBe(2)
})

test('while there is no path, the attempts of a link are bounded, and all but one are closed after', async () => {
  const pair = await opened()
  pair.network.cut('a', 'b')
  for (let second = 0; second < 60; second += 1) {
    await pair.clock.advance(1_000)
    expect(pair.a.link.attempts).toBeLessThanOrEqual(4)
    expect(pair.network.connections('b').length).toBeLessThanOrEqual(5)
  }
  pair.network.restore('a', 'b')
  await pair.clock.advance(4_000)
  expect(pair.network.connections().length).toBe(2)
})

test('a link without a path fails with a reason, and a probe retries it', async () => {
  const pair = await opened()
  pair.network.cut('a', 'b')
  await pair.clock.advance(70_000)
  for (const { link, states } of [pair.a, pair.b]) {
    expect(states).toContain('failed')
    expect(link.status.path).toBeNull()
  }
  await pair.clock.until(() => pair.b.link.status.state === 'failed')
  expect(pair.b.link.status.reason).toBe('The path to the peer was lost.')
  pair.network.restore('a', 'b')
  pair.b.link.probe()
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 20_000 })
  expect(pair.b.link.status.reason).toBeNull()
})

test('a failed link is retried from time to time', async () => {
  const pair = await opened()
  pair.network.cut('a', 'b')
  await pair.clock.advance(180_000)
  pair.network.restore('a', 'b')
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 90_000 })
})

test('without any path the reason names TURN', async () => {
  const pair = linkPair({ seed: 5 })
  pair.network.cut('a', 'b')
  await pair.clock.until(() => pair.b.link.status.state === 'failed')
  expect(pair.b.link.status.reason).toContain('TURN')
  expect(pair.clock.now()).toBeLessThan(40_000)
})

test('without an answer the reason says so', async () => {
  const pair = linkPair({ seed: 6 })
  pair.signaling.isUp = false
  await pair.clock.until(() => pair.b.link.status.state === 'failed')
  expect(pair.b.link.status.reason).toBe('The peer did not answer.')
})

test('a link that the peer closed is not repaired until a probe', async () => {
  const pair = await opened()
  pair.a.link.close()
  await pair.clock.advance(1_000)
  expect(pair.b.link.status).toMatchObject({ state: 'failed', reason: 'The peer closed the link.' })
  const sent = pair.b.signals.length
  await pair.clock.advance(120_000)
  expect([pair.b.signals.length, pair.b.events]).toEqual([sent, ['opened', 'interrupted']])
  pair.b.link.probe()
  await pair.clock.advance(1_000)
  expect(pair.b.signals.length).toBeGreaterThan(sent)
})

test('signals of a replaced connection are ignored', async () => {
  const pair = await opened()
  const old = { a: [...pair.a.signals], b: [...pair.b.signals] }
  pair.network.connections('b')[0]?.close()
  await pair.clock.until(() => pair.a.events.length === 3 && pair.b.events.length === 3)
  await pair.clock.advance(2_500)
  const connections = pair.network.connections()
  for (const data of old.b) pair.a.link.receive(data)
  for (const data of old.a) pair.b.link.receive(data)
  await pair.clock.advance(30_000)
  expect(pair.network.connections().map(({ number }) => number)).toEqual(
    connections.map(({ number }) => number),
  )
  expect([pair.a.isOpen, pair.b.isOpen]).toEqual([true, true])
})

test('invalid control messages leave the link open', async () => {
  const pair = await opened()
  const [channel] = pair.network.connections('a')[0]?.channels ?? []
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '{"type":"bye!"}',
    '{"type":"description"}',
    '{"type":"ping"}',
  ]
  for (const text of texts) channel?.send(text)
  channel?.send(JSON.stringify({ type: 'description', description: { type: 'offer', sdp: 'v=7' } }))
  channel?.send(JSON.stringify({ type: 'candidate', candidate: { candidate: 5 } }))
  channel?.send(new ArrayBuffer(8))
  await pair.clock.advance(60_000)
  expect([pair.a.isOpen, pair.b.isOpen]).toEqual([true, true])
  expect(pair.b.events).toEqual(['opened'])
})

test('a frame channel can be opened on an open link, and its frames arrive under its label', async () => {
  const options = { label: 'c:cursor', ordered: false, maxRetransmits: 0, maxPacketLifeTime: null }
  const pair = linkPair({ seed: 7 })
  expect(pair.a.link.openFrameChannel(options)).toBeNull()
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen)
  const frameChannel = pair.a.link.openFrameChannel(options)
  expect(frameChannel?.isOpen).toBe(false)
  await pair.clock.until(() => frameChannel?.isOpen === true)
  frameChannel?.send(new Uint8Array([9]))
  await pair.clock.advance(100)
  expect(pair.b.frames).toEqual([['c:cursor', [9]]])
})

test('a frame channel reports when its queue has drained', async () => {
  const pair = await opened()
  const { main } = pair.a
  let drained = 0
  if (main) main.ondrain = () => (drained += 1)
  for (let part = 0; part < 4; part += 1) main?.send(new Uint8Array(60_000))
  expect(main?.bufferedAmount).toBe(240_000)
  await pair.clock.advance(1_000)
  expect([drained, main?.bufferedAmount]).toEqual([1, 0])
})

test('new ICE servers restart ICE only if the path uses a relay', async () => {
  const ufragsOf = (pair: LinkPair) =>
    pair.network.connections().map(({ sessions }) => sessions[0]?.local.ufrag)
  const pair = await opened()
  const direct = ufragsOf(pair)
  pair.b.link.setIceServers([{ urls: 'turn:192.0.2.1', username: 'u', credential: 'c' }])
  await pair.clock.advance(12_000)
  expect(ufragsOf(pair)).toEqual(direct)
  pair.network.isRelayed = true
  await pair.clock.advance(12_000)
  expect(pair.b.link.status.path).toBe('relay')
  pair.b.link.setIceServers([{ urls: 'turn:192.0.2.1', username: 'v', credential: 'd' }])
  await pair.clock.advance(12_000)
  expect(ufragsOf(pair)).not.toEqual(direct)
  expect([pair.a.events, pair.b.events]).toEqual([['opened'], ['opened']])
})

test('new ICE servers leave an open link alone where ICE cannot be restarted', async () => {
  const pair = await opened(9, ['b'])
  pair.network.isRelayed = true
  await pair.clock.advance(12_000)
  expect(pair.b.link.status.path).toBe('relay')
  pair.b.link.setIceServers([{ urls: 'turn:192.0.2.1', username: 'u', credential: 'c' }])
  await pair.clock.advance(12_000)
  expect([pair.a.events, pair.b.events]).toEqual([['opened'], ['opened']])
})

test('the observer is never called inside a call to the link, nor after close', async () => {
  const clock = virtualClock()
  const network = new FakeNetwork({ clock })
  const calls: string[] = []
  let isInside = false
  const record = (name: string) => () => {
    expect(isInside).toBe(false)
    calls.push(name)
  }
  const observer: LinkObserver = {
    signal: record('signal'),
    statusChanged: record('statusChanged'),
    opened: record('opened'),
    interrupted: record('interrupted'),
    frame: record('frame'),
    attemptEnded: record('attemptEnded'),
  }
  const inside = (task: () => void) => {
    isInside = true
    task()
    isInside = false
  }
  const options = {
    isPolite: true,
    rtc: {},
    iceServers: [],
    clock,
    observer,
    readPath,
    server: { check: () => {}, renew: () => {} },
    mayCall: () => true,
  }
  const link = createPeerLink({
    ...options,
    random: () => 0.5,
    RTCPeerConnection: network.port('a'),
  })
  inside(() => link.probe())
  await clock.advance(100)
  expect(calls).toContain('signal')
  inside(() => link.close())
  const count = calls.length
  await clock.advance(60_000)
  expect([calls.length, clock.pending]).toEqual([count, 0])
})
