import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { allOpen, enter, enterTogether, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

const take = async <Data>(room: Room, label: string, count: number) => {
  const received: { data: Data; from: string }[] = []
  for await (const { data, from } of room.channel<Data>(label)) {
    received.push({ data, from })
    if (received.length === count) break
  }
  return received
}

test('two peers in a room see each other, agree on the host and exchange messages', async () => {
  const [ann, ben] = (await enterTogether(2, { presence: { name: 'x' } })) as [Room, Room]
  expect(ann.isHost).toBe(true)
  expect(ben.host).toBe(ann.self.id)
  const received = Promise.all([take(ann, 'chat', 1), take(ben, 'chat', 1)])
  await Promise.all([
    ann.channel('chat').send({ text: 'hi' }),
    ben.channel('chat').send({ text: 'ho' }),
  ])
  expect(await received).toEqual([
    [{ data: { text: 'ho' }, from: ben.self.id }],
    [{ data: { text: 'hi' }, from: ann.self.id }],
  ])
})

test('1,000 messages in each direction arrive once and in order', async () => {
  const rooms = await enterTogether(2)
  const numbers = Array.from({ length: 1_000 }, (_, index) => index)
  const received = Promise.all(rooms.map((room) => take<number>(room, 'count', 1_000)))
  for (const room of rooms) {
    const channel = room.channel<number>('count')
    for (const number of numbers) channel.send(number).catch(reportError)
  }
  for (const taken of await received) expect(taken.map(({ data }) => data)).toEqual(numbers)
})

test('three peers form a full mesh and agree on host, term and epoch', async () => {
  const rooms = await enterTogether(3)
  await Promise.all(rooms.map((room) => until(room, () => allOpen(room))))
  expect(new Set(rooms.map(({ host }) => host)).size).toBe(1)
  expect(new Set(rooms.map(({ term }) => term)).size).toBe(1)
  expect(new Set(rooms.map(({ epoch }) => epoch)).size).toBe(1)
  for (const room of rooms) expect(room.peers.size).toBe(2)
})

test('leaving is reported at once, and the role moves to the next peer in join order', async () => {
  const [ann, ben, cid] = (await enterTogether(3)) as [Room, Room, Room]
  const { term } = ann
  const left = new Promise((resolve) => cid.on('peerleave', resolve))
  await ann.leave()
  expect(await left).toMatchObject({ reason: 'left' })
  await until(cid, () => cid.host === ben.self.id)
  expect(cid.term).toBe(term + 1)
  expect(await ann.closed).toBe(null)
  expect(ann.status).toBe('closed')
})

test('a message in an empty room resolves', async () => {
  const room = await enter(freshRoom())
  await room.channel('chat').send('anyone?')
  expect(room.status).toBe('connected')
})
