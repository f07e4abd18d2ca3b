import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

const joinThree = async () => {
  const { clock, gather } = fakeWorld()
  const rooms = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  return { clock, rooms }
}

test('callAll returns the outcome for each peer', async () => {
  const { clock, rooms } = await joinThree()
  const [ann, ben, cid] = rooms
  ben.handle('add', ([one, other]: [number, number]) => one + other)
  const calls = ann.callAll<number>('add', [1, 2])
  await clock.advance(1_000)
  const results = await calls
  expect([...results.keys()]).toEqual([ben.self.id, cid.self.id])
  expect(results.get(ben.self.id)).toEqual({ status: 'fulfilled', value: 3 })
  expect(results.get(cid.self.id)).toMatchObject({
    status: 'rejected',
    reason: { code: 'no-handler' },
  })
})

test('callAll with `to` calls each of these peers once, and rejects for one that is not a member', async () => {
  const { clock, rooms } = await joinThree()
  const [ann, ben, cid] = rooms
  const runs: unknown[] = []
  for (const room of rooms) room.handle('who', () => runs.push(room.self.id) && 'me')
  const stranger = peerId('stranger')
  const calls = ann.callAll('who', null, { to: [cid.self.id, stranger, cid.self.id] })
  await clock.advance(1_000)
  const results = await calls
  expect(runs).toEqual([cid.self.id])
  expect(runs).not.toContain(ben.self.id)
  expect([...results]).toMatchObject([
    [cid.self.id, { status: 'fulfilled', value: 'me' }],
    [stranger, { status: 'rejected', reason: { code: 'peer-not-found' } }],
  ])
})

test('a peer that leaves or times out is reported as such and delays no other', async () => {
  const { clock, rooms } = await joinThree()
  const [ann, ben, cid] = rooms
  for (const room of [ben, cid]) room.handle('never', () => new Promise(() => {}))
  const calls = ann.callAll('never', null, { timeoutMs: 500 })
  await clock.advance(100)
  await ben.leave()
  await clock.advance(500)
  const results = await calls
  expect(results.get(ben.self.id)).toMatchObject({ reason: { code: 'peer-gone' } })
  expect(results.get(cid.self.id)).toMatchObject({ reason: { code: 'timeout' } })
})

test('callAll in a room without other peers returns an empty map', async () => {
  const { gather } = fakeWorld()
  const [ann] = (await gather(['ann'])) as [Room]
  expect(await ann.callAll('add')).toEqual(new Map())
})

test('callAll rejects only if the signal is already aborted or the room is closed', async () => {
  const { rooms } = await joinThree()
  const [ann] = rooms
  const aborted = ann.callAll('add', null, { signal: AbortSignal.abort() })
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
  await ann.leave()
  await expect(ann.callAll('add')).rejects.toMatchObject({ code: 'closed' })
})
