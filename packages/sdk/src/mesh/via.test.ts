import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import { isOpen, joinAll, linkBetween, talk, upTo } from './mesh-world.testing.ts'

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
