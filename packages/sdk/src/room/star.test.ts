import { expect, test } from 'vitest'
import type { JoinOptions, Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

/** Joins Ann, who hosts, Ben and Cid; Cid may have other options. */
const joinThree = async ({ clock, begin }: FakeWorld, cidsOptions: Partial<JoinOptions> = {}) => {
  const rooms: Room[] = []
  for (const machine of ['ann', 'ben', 'cid']) {
    const options = machine === 'cid' ? cidsOptions : {}
    const joining = begin(machine, { topology: 'star', ...options })
    await clock.advance(1_000)
    rooms.push(await joining)
  }
  return rooms as [Room, Room, Room]
}

const linkState = (room: Room, other: Room) => room.peers.get(other.self.id)?.link?.state ?? null

test('in a star only the host has a link to everyone', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await joinThree(world)
  await world.clock.until(() => [ben, cid].every((room) => linkState(ann, room) === 'open'))
  await world.clock.advance(10_000)
  expect([linkState(ben, ann), linkState(ben, cid), linkState(cid, ben)]).toEqual([
    'open',
    null,
    null,
  ])
})

test('a send to all of a guest names the peers that it has no link to, with and without ack', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await joinThree(world)
  await world.clock.until(() => linkState(ann, ben) === 'open' && linkState(ann, cid) === 'open')
  ann.channel('x').on('message', () => {})
  const sends = [ben.channel('x').send(1), ben.channel('x').send(2, { ack: true })]
  await world.clock.advance(1_000)
  const failed = new Map([[cid.self.id, 'peer-unreachable']])
  const outcome = { reached: [ann.self.id], failed }
  expect(await Promise.all(sends)).toEqual([outcome, outcome])
})

test('the link to the old host stays until the link to the new host is open', async () => {
  const world = fakeWorld()
  const { clock } = world
  const [ann, ben, cid] = await joinThree(world)
  await clock.until(() => [ben, cid].every((room) => linkState(ann, room) === 'open'))
  const states: unknown[] = []
  ben.on('linkchange', () => states.push([linkState(ben, ann), linkState(ben, cid)]))
  const transferred = ann.transferHost(cid.self.id)
  await clock.until(() => linkState(ben, ann) === null)
  await transferred
  expect(states[0]).toEqual(['open', 'connecting'])
  expect(states.at(-1)).toEqual([null, 'open'])
  for (const state of states) expect(state).toContain('open')
})

test('a link that one side needs stays, and both sides see it', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await joinThree(world, { topology: 'mesh' })
  await world.clock.until(() => linkState(ben, cid) === 'open' && linkState(ben, ann) === 'open')
  await world.clock.advance(10_000)
  expect([linkState(ben, cid), linkState(cid, ben)]).toEqual(['open', 'open'])
})

test('without a host existing links stay', async () => {
  const world = fakeWorld()
  const rooms = await joinThree(world)
  const [ann, ben, cid] = rooms
  await world.clock.until(() => [ben, cid].every((room) => linkState(ann, room) === 'open'))
  // Ann is the last one, so that no other peer gets the role.
  for (const room of [cid, ben]) room.update({ canHost: false })
  await world.clock.until(() => [...ann.peers.values()].every(({ canHost }) => !canHost))
  ann.update({ canHost: false })
  await world.clock.until(() => rooms.every(({ host }) => host === null))
  await world.clock.advance(10_000)
  expect([linkState(ben, ann), linkState(cid, ann), linkState(ben, cid)]).toEqual([
    'open',
    'open',
    null,
  ])
})

test('the link to a peer that has left is closed', async () => {
  const world = fakeWorld()
  const [ann, ben] = await joinThree(world)
  await world.clock.until(() => linkState(ann, ben) === 'open')
  const connections = world.network.connections('ann').length
  await ben.leave()
  await world.clock.until(() => !ann.peers.has(ben.self.id))
  await world.clock.advance(1_000)
  expect(world.network.connections('ann').length).toBe(connections - 1)
})
