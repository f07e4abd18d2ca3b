import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import { LazyFeatures, type LazyFeaturesOptions } from '../room/lazy-features.ts'
import { isOpen, joinAll, linkBetween, talk, upTo } from './mesh-world.testing.ts'
import { nodeSubtle } from './node-subtle.testing.ts'

type Three = [Room, Room, Room]
type Four = [Room, Room, Room, Room]

test('two that never reach each other talk through a third within 5 s, in order and once', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [cat, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  const joinedAt = clock.now()
  const [there, back] = [talk(world, ann, ben), talk(world, ben, ann)]
  await clock.until(() => there.received.length > 20 && back.received.length > 20)
  expect(clock.now() - joinedAt).toBeLessThan(5_000)
  for (const room of [ann, ben]) {
    expect(linkBetween(room, room === ann ? ben : ann)).toMatchObject({
      state: 'open',
      path: 'via',
      via: cat.self.id,
    })
  }
  const sent = [there.stop(), back.stop()]
  await clock.advance(1_000)
  expect([there.received, back.received]).toEqual(sent.map(upTo))
})

test('when the member in the middle leaves, another takes over and nothing is lost or doubled', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [cat, dan, ann, ben] = (await joinAll(world, ['cat', 'dan', 'ann', 'ben'])) as Four
  const [there, back] = [talk(world, ann, ben), talk(world, ben, ann)]
  await clock.until(() => isOpen(ann, ben, 'via'))
  const [first, second] =
    linkBetween(ann, ben)?.via === cat.self.id ? ([cat, dan] as const) : ([dan, cat] as const)
  await clock.advance(2_000)
  void first.leave()
  await clock.until(() => !ann.peers.has(first.self.id) && !ben.peers.has(first.self.id))
  const leftAt = clock.now()
  await clock.until(() => linkBetween(ann, ben)?.via === second.self.id)
  await clock.until(() => linkBetween(ben, ann)?.via === second.self.id)
  expect(clock.now() - leftAt).toBeLessThan(1_500)
  await clock.advance(2_000)
  const sent = [there.stop(), back.stop()]
  await clock.advance(1_000)
  expect([there.received, back.received]).toEqual(sent.map(upTo))
})

test('with the server away, a link that breaks heals through a third, and directly once it can', async () => {
  const world = fakeWorld()
  const { clock, network, signaling, gather } = world
  const [ann, ben, cat] = (await gather(['ann', 'ben', 'cat'])) as Three
  await clock.advance(3_000)
  const [there, back] = [talk(world, ann, ben), talk(world, ben, ann)]
  await clock.advance(1_000)
  signaling.stop()
  network.cut('ann', 'ben')
  await clock.advance(4_000)
  expect(linkBetween(ann, ben)).toMatchObject({ path: 'via', via: cat.self.id })
  await clock.advance(4_000)
  network.restore('ann', 'ben')
  const restoredAt = clock.now()
  await clock.until(() => isOpen(ann, ben, 'direct'))
  expect(clock.now() - restoredAt).toBeLessThan(2_000)
  expect(linkBetween(ann, ben)?.via).toBeNull()
  const sent = [there.stop(), back.stop()]
  await clock.advance(1_000)
  expect([there.received, back.received]).toEqual(sent.map(upTo))
})

test('a direct path that appears after minutes replaces the one through a member', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  const there = talk(world, ann, ben)
  await clock.until(() => isOpen(ann, ben, 'via'))
  await clock.advance(120_000)
  expect(isOpen(ann, ben, 'via')).toBe(true)
  network.restore('ann', 'ben')
  await clock.until(() => isOpen(ann, ben, 'direct'), { limitMs: 320_000 })
  const sent = there.stop()
  await clock.advance(1_000)
  expect(there.received).toEqual(upTo(sent))
})

test('a member with canRelay: false forwards nothing', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  network.cut('ann', 'ben')
  const options = { cat: { canRelay: false } }
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'], options)) as Three
  await clock.advance(30_000)
  expect(linkBetween(ann, ben)).toMatchObject({ state: 'failed', via: null })
})

test('a link through a member carries no other: there is one hop at most', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  // Dan reaches only Cat, and Ann reaches only Ben.
  for (const [one, other] of [
    ['ann', 'cat'],
    ['ann', 'dan'],
    ['ben', 'dan'],
  ] as const) {
    network.cut(one, other)
  }
  const [ann, ben, cat, dan] = (await joinAll(world, ['ann', 'ben', 'cat', 'dan'])) as Four
  await clock.until(() => isOpen(ann, cat, 'via') && isOpen(ben, dan, 'via'))
  await clock.advance(20_000)
  expect(linkBetween(ann, cat)?.via).toBe(ben.self.id)
  expect(linkBetween(ben, dan)?.via).toBe(cat.self.id)
  expect(linkBetween(ann, dan)).toMatchObject({ state: 'failed', via: null })
})

test('with the server away, signals through a member that does not relay heal a link', async () => {
  const world = fakeWorld()
  const { clock, network, signaling, gather } = world
  const [ann, ben, cat] = (await gather(['ann', 'ben', 'cat'], { canRelay: false })) as Three
  await clock.advance(3_000)
  const [there, back] = [talk(world, ann, ben), talk(world, ben, ann)]
  await clock.advance(1_000)
  signaling.stop()
  network.cut('ann', 'ben')
  // Their old connection is of no use when the path returns.
  for (const connection of network.connections('ann')) {
    if (connection.remote?.owner === 'ben') connection.close()
  }
  await clock.advance(8_000)
  expect(linkBetween(ann, ben)).toMatchObject({ state: 'repairing', via: null })
  network.restore('ann', 'ben')
  const restoredAt = clock.now()
  await clock.until(() => isOpen(ann, ben, 'direct'))
  expect(clock.now() - restoredAt).toBeLessThan(2_000)
  expect(linkBetween(ann, cat)?.state).toBe('open')
  const sent = [there.stop(), back.stop()]
  await clock.advance(1_000)
  expect([there.received, back.received]).toEqual(sent.map(upTo))
})

test('without WebCrypto there is no help from members, and the link says why', async () => {
  class Insecure extends LazyFeatures {
    constructor(options: LazyFeaturesOptions) {
      super(options, null)
    }
  }
  const world = fakeWorld(1, () => Promise.resolve({ LazyFeatures: Insecure }))
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  await clock.advance(20_000)
  expect(linkBetween(ann, ben)).toMatchObject({
    state: 'failed',
    reason:
      'No path to the peer: a TURN server may be needed. Without HTTPS no other member can relay.',
  })
})

test('a large message goes through a member, which holds no more than it may', async () => {
  const features: LazyFeatures[] = []
  class Recorded extends LazyFeatures {
    constructor(options: LazyFeaturesOptions) {
      super(options, nodeSubtle())
      features.push(this)
    }
  }
  const world = fakeWorld(1, () => Promise.resolve({ LazyFeatures: Recorded }))
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [, ann, ben] = (await joinAll(world, ['cat', 'ann', 'ben'])) as Three
  await clock.until(() => isOpen(ann, ben, 'via'))
  const received: unknown[] = []
  ben.channel('large').on('message', ({ data }) => received.push(data))
  const large = new Uint8Array(8 * 1024 * 1024).fill(7)
  void ann.channel<Uint8Array>('large').send(large, { to: ben.self.id })
  await clock.until(() => received.length > 0)
  expect(received).toEqual([large])
  expect(linkBetween(ann, ben)?.path).toBe('via')
  const cost = features[0]?.mesh.cost
  expect(cost?.refused).toBe(0)
  expect(cost?.bytes).toBeGreaterThan(large.length)
  expect(cost?.bytes).toBeLessThan(large.length * 1.05)
})
