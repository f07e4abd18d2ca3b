import { expect, test } from 'vitest'
import type { JoinOptions, Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

/** Ann, who hosts, Ben and Cid; Cid may want another topology than the others. */
const three = async ({ clock, begin }: FakeWorld, cids: Partial<JoinOptions> = {}) => {
  const rooms: Room[] = []
  for (const machine of ['ann', 'ben', 'cid']) {
    const options = machine === 'cid' ? cids : {}
    const joining = begin(machine, { topology: 'star', ...options })
    await clock.advance(1_000)
    rooms.push(await joining)
  }
  return rooms as [Room, Room, Room]
}

const stateAt = (room: Room, other: Room) => room.peers.get(other.self.id)?.link?.state ?? null

test('in a star only the host has a link to everyone', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await three(world)
  await world.clock.until(() => [ben, cid].every((room) => stateAt(ann, room) === 'open'))
  await world.clock.advance(10_000)
  expect([stateAt(ben, ann), stateAt(ben, cid), stateAt(cid, ben)]).toEqual(['open', null, null])
})

test('the link to the old host stays until that to the new one is open', async () => {
  const world = fakeWorld()
  const { clock } = world
  const [ann, ben, cid] = await three(world)
  await clock.until(() => [ben, cid].every((room) => stateAt(ann, room) === 'open'))
  const states: unknown[] = []
  ben.on('linkchange', () => states.push([stateAt(ben, ann), stateAt(ben, cid)]))
  const given = ann.transferHost(cid.self.id)
  await clock.until(() => stateAt(ben, ann) === null)
  await given
  expect(states[0]).toEqual(['open', 'connecting'])
  expect(states.at(-1)).toEqual([null, 'open'])
  for (const state of states) expect(state).toContain('open')
})

test('a link that one end needs stays, and is told of at both', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await three(world, { topology: 'mesh' })
  await world.clock.until(() => stateAt(ben, cid) === 'open' && stateAt(ben, ann) === 'open')
  await world.clock.advance(10_000)
  expect([stateAt(ben, cid), stateAt(cid, ben)]).toEqual(['open', 'open'])
})

test('without a host the links that exist stay', async () => {
  const world = fakeWorld()
  const rooms = await three(world)
  const [ann, ben, cid] = rooms
  await world.clock.until(() => [ben, cid].every((room) => stateAt(ann, room) === 'open'))
  // Ann last: so nobody takes the role from her.
  for (const room of [cid, ben]) room.update({ canHost: false })
  await world.clock.until(() => [...ann.peers.values()].every(({ canHost }) => !canHost))
  ann.update({ canHost: false })
  await world.clock.until(() => rooms.every(({ host }) => host === null))
  await world.clock.advance(10_000)
  expect([stateAt(ben, ann), stateAt(cid, ann), stateAt(ben, cid)]).toEqual(['open', 'open', null])
})

test('the link to one who has left is closed', async () => {
  const world = fakeWorld()
  const [ann, ben] = await three(world)
  await world.clock.until(() => stateAt(ann, ben) === 'open')
  const connections = world.network.connections('ann').length
  await ben.leave()
  await world.clock.until(() => !ann.peers.has(ben.self.id))
  await world.clock.advance(1_000)
  expect(world.network.connections('ann').length).toBe(connections - 1)
})
