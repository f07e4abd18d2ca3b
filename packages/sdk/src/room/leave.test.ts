import { expect, test } from 'vitest'
import type { Room, RoomEvents } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

const pair = async () => {
  const world = fakeWorld()
  const [ann, ben] = (await world.gather(['ann', 'ben'])) as [Room, Room]
  await world.clock.advance(2_000)
  const received: unknown[] = []
  ben.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const undelivered: RoomEvents['undelivered'][] = []
  ann.on('undelivered', (event) => undelivered.push(event))
  return { ...world, ann, ben, received, undelivered }
}

/** Leaves; returns how long that took. */
const leave = async ({ clock, ann }: Awaited<ReturnType<typeof pair>>) => {
  const startedAt = clock.now()
  let isLeft = false
  const leaving = ann.leave().then(() => {
    isLeft = true
  })
  await clock.until(() => isLeft)
  await leaving
  return clock.now() - startedAt
}

test('what was sent before leaving arrives', async () => {
  const world = await pair()
  const { clock, ann, received, undelivered } = world
  await ann.channel('x').send('one')
  await ann.channel('x').send('last')
  expect(await leave(world)).toBeLessThan(200)
  expect(ann.status).toBe('closed')
  await clock.advance(1_000)
  expect([received, undelivered]).toEqual([['one', 'last'], []])
})

test('what was sent without waiting arrives too, and its promise resolves', async () => {
  const world = await pair()
  const { clock, ann, ben, received } = world
  const sent = ann.channel('x').send('last')
  await leave(world)
  expect(await sent).toEqual({ reached: [ben.self.id], failed: new Map() })
  await clock.advance(1_000)
  expect(received).toEqual(['last'])
})

test('leaving takes 1 s at most, and reports what may not have arrived', async () => {
  const world = await pair()
  const { network, ann, ben, received, undelivered } = world
  network.cut('ann', 'ben')
  await ann.channel('x').send('one')
  await ann.channel('x').send('last')
  expect(await leave(world)).toBe(1_000)
  const counts = undelivered.map(({ peer, channel, count }) => [peer.id, channel, count])
  expect(counts).toEqual([[ben.self.id, 'x', 2]])
  expect(received).toEqual([])
})

test('while a room is being left, nothing more can be sent or called', async () => {
  const world = await pair()
  const { ann, ben, received } = world
  await ann.channel('x').send('one')
  const leaving = leave(world)
  await expect(ann.channel('x').send('two')).rejects.toMatchObject({ code: 'closed' })
  await expect(ann.call(ben.self.id, 'x')).rejects.toMatchObject({ code: 'closed' })
  await leaving
  expect(received).toEqual(['one'])
})

test('a room with nothing to flush is left at once', async () => {
  const { clock, ann } = await pair()
  const before = clock.now()
  await ann.leave()
  expect([ann.status, clock.now() - before]).toEqual(['closed', 0])
})

test('leaving twice is leaving once', async () => {
  const world = await pair()
  const { ann, received } = world
  await ann.channel('x').send('one')
  const both = Promise.all([leave(world), ann.leave()])
  await both
  await ann.leave()
  expect(received).toEqual(['one'])
})

test('calls that are pending reject with closed, those to this peer as host and those to peers', async () => {
  const world = await pair()
  const { clock, ann, ben } = world
  for (const room of [ann, ben]) room.handle('wait', () => new Promise(() => {}))
  const codes: unknown[] = []
  const calls = [
    ann.call('host', 'wait'),
    ann.call(ben.self.id, 'wait'),
    // So that Ann knows Ben as a caller.
    ben.call(ann.self.id, 'wait'),
  ]
  for (const each of calls.slice(0, 2)) each.catch(({ code }) => codes.push(code))
  calls[2]?.catch(() => {})
  await clock.advance(500)
  await leave(world)
  await clock.advance(10)
  expect(codes).toEqual(['closed', 'closed'])
})
