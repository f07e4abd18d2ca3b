import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

/** Ann hosts; she loses the server but not her links. */
const cutOffHost = async (world: FakeWorld, size = 2) => {
  const rooms = await world.gather(['ann', 'ben', 'cid'].slice(0, size))
  const [ann, ben] = rooms
  if (!(ann && ben)) throw new Error('nobody joined')
  // Time for the code that is loaded later.
  await world.clock.advance(2_000)
  const runs: { readonly term: number; readonly signal: AbortSignal }[] = []
  ann.asHost((run) => void runs.push(run))
  world.signaling.drop('ann')
  await world.clock.until(() => ann.status === 'degraded')
  world.signaling.cut('ann')
  return { ann, ben, runs, rooms }
}

const link = (room: Room, { self }: Room) => room.peers.get(self.id)?.link?.state

test('a host that has lost the server stops at the first sign of a newer term', async () => {
  const world = fakeWorld()
  const { clock } = world
  const { ann, ben, runs } = await cutOffHost(world)
  const changes: unknown[] = []
  ann.on('hostchange', ({ host, isHost, term }) => changes.push({ host, isHost, term }))
  await clock.advance(3_000)
  expect([ann.isHost, runs.map(({ signal }) => signal.aborted)]).toEqual([true, [false]])
  await clock.until(() => ben.isHost)
  await clock.advance(200)
  expect([ann.status, ann.isHost, ann.host]).toEqual(['degraded', false, null])
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(changes).toEqual([{ host: null, isHost: false, term: 1 }])
  await expect(ann.channel('orders', { hostOnly: true }).send('x')).rejects.toMatchObject({
    code: 'not-host',
  })
})

test('when it is back, the word of the server counts', async () => {
  const world = fakeWorld()
  const { clock, signaling } = world
  const { ann, ben, runs } = await cutOffHost(world)
  await clock.until(() => ben.isHost)
  await clock.advance(200)
  signaling.restore('ann')
  await clock.until(() => ann.status === 'connected')
  expect([ann.host, ann.term, link(ann, ben)]).toEqual([ben.self.id, 2, 'open'])
  expect(runs.length).toBe(1)
})

test('a message to the host that was sent in a newer term reaches the new host, not the old one', async () => {
  const world = fakeWorld()
  const { clock } = world
  const { ann, rooms } = await cutOffHost(world, 3)
  const [, ben, cid] = rooms
  const received: string[] = []
  ann.channel('orders').on('message', () => received.push('ann'))
  ben?.channel('orders').on('message', () => received.push('ben'))
  await clock.until(() => cid?.host === ben?.self.id)
  const sent = cid?.channel('orders').send('x', { to: 'host', ack: true })
  await clock.until(() => received.length > 0)
  await clock.advance(1_000)
  await sent
  expect(received).toEqual(['ben'])
})

/** As a peer would send that claims a term which no server has announced. */
const forgeTerm = async (world: FakeWorld, from: Room, forged: number) => {
  const { signaling, clock } = world
  const state = signaling.room('blue-door')
  const socket = signaling.socketOf('ben')
  if (!(state && socket)) throw new Error('no room')
  const { revision, host } = state
  const message = { type: 'host', revision: revision + 1, term: forged, host, previous: host }
  socket.send(JSON.stringify({ ...message, reason: 'failover' }))
  await clock.advance(50)
  await from.channel('chat').send('hello')
  await clock.advance(200)
}

test('a forged term ends nothing for a host that has its server', async () => {
  const world = fakeWorld()
  const [ann, ben] = await world.gather(['ann', 'ben'])
  if (!(ann && ben)) throw new Error('nobody joined')
  await forgeTerm(world, ben, 99)
  expect([ben.term, ann.isHost, ann.term]).toEqual([99, true, 1])
})

test('a forged term makes nobody host, and the role is back with the server', async () => {
  const world = fakeWorld()
  const { clock, signaling } = world
  const { ann, ben } = await cutOffHost(world)
  await forgeTerm(world, ben, 99)
  expect([ann.status, ann.isHost, ann.host]).toEqual(['degraded', false, null])
  signaling.restore('ann')
  await clock.until(() => ann.status === 'connected')
  expect([ann.isHost, ann.term]).toEqual([true, 1])
})
