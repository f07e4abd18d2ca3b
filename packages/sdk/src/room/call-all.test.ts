import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

const three = async () => {
  const { clock, gather } = fakeWorld()
  const rooms = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  return { clock, rooms }
}

test('a call to all tells what became of it, peer by peer', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  ben.handle('add', ([one, other]: [number, number]) => one + other)
  const called = ann.callAll<number>('add', [1, 2])
  await clock.advance(1_000)
  const results = await called
  expect([...results.keys()]).toEqual([ben.self.id, cid.self.id])
  expect(results.get(ben.self.id)).toEqual({ status: 'fulfilled', value: 3 })
  expect(results.get(cid.self.id)).toMatchObject({
    status: 'rejected',
    reason: { code: 'no-handler' },
  })
})

test('a call to some goes to them alone, once each, also where one is not here', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  const runs: unknown[] = []
  for (const room of rooms) room.handle('who', () => runs.push(room.self.id) && 'me')
  const stranger = peerId('stranger')
  const called = ann.callAll('who', null, { to: [cid.self.id, stranger, cid.self.id] })
  await clock.advance(1_000)
  const results = await called
  expect(runs).toEqual([cid.self.id])
  expect(runs).not.toContain(ben.self.id)
  expect([...results]).toMatchObject([
    [cid.self.id, { status: 'fulfilled', value: 'me' }],
    [stranger, { status: 'rejected', reason: { code: 'peer-not-found' } }],
  ])
})

test('who leaves, or takes too long, is told of as such, and holds up no other', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  for (const room of [ben, cid]) room.handle('never', () => new Promise(() => {}))
  const called = ann.callAll('never', null, { timeoutMs: 500 })
  await clock.advance(100)
  await ben.leave()
  await clock.advance(500)
  const results = await called
  expect(results.get(ben.self.id)).toMatchObject({ reason: { code: 'peer-gone' } })
  expect(results.get(cid.self.id)).toMatchObject({ reason: { code: 'timeout' } })
})

test('alone in the room it is a map of nobody', async () => {
  const { gather } = fakeWorld()
  const [ann] = (await gather(['ann'])) as [Room]
  expect(await ann.callAll('add')).toEqual(new Map())
})

test('it rejects only where it does not begin: aborted before, or in a closed room', async () => {
  const { rooms } = await three()
  const [ann] = rooms
  const aborted = ann.callAll('add', null, { signal: AbortSignal.abort() })
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
  await ann.leave()
  await expect(ann.callAll('add')).rejects.toMatchObject({ code: 'closed' })
})
