import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { allOpen, enterTogether, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

const joinThree = async (options = {}) => (await enterTogether(3, options)) as [Room, Room, Room]

test('the host transfers its role, and all peers agree', async () => {
  const rooms = await joinThree()
  const [ann, ben, cid] = rooms
  const { term } = ann
  await expect(ben.transferHost(cid.self.id)).rejects.toMatchObject({ code: 'not-host' })
  await ann.transferHost(cid.self.id)
  expect(ann.host).toBe(cid.self.id)
  await Promise.all(rooms.map((room) => until(room, () => room.host === cid.self.id)))
  for (const room of rooms) expect(room.term).toBe(term + 1)
})

test('the role cannot be transferred to a peer that cannot host', async () => {
  const [ann, ben] = await joinThree()
  ben.update({ canHost: false })
  await until(ann, () => ann.peers.get(ben.self.id)?.canHost === false)
  await expect(ann.transferHost(ben.self.id)).rejects.toMatchObject({ code: 'not-eligible' })
  expect(ann.isHost).toBe(true)
})

test('an asHost task runs while the peer hosts, and its signal is aborted when the role moves', async () => {
  const [ann, ben] = await joinThree()
  const terms: number[] = []
  const over = new Promise((resolve) => {
    ann.asHost(({ term, signal }) => {
      terms.push(term)
      signal.addEventListener('abort', () => resolve('over'))
    })
  })
  const started = new Promise<number>((resolve) => {
    ben.asHost(({ term }) => resolve(term))
  })
  await ann.transferHost(ben.self.id)
  expect(await over).toBe('over')
  expect(await started).toBe((terms[0] ?? 0) + 1)
  expect(terms.length).toBe(1)
})

test('a message to the host follows the role', async () => {
  const [ann, ben, cid] = await joinThree()
  const received = new Promise((resolve) => {
    ben.channel('asks').on('message', ({ data }) => resolve(data))
  })
  await ann.transferHost(ben.self.id)
  await cid.channel('asks').send('you?', { to: 'host', ack: true })
  expect(await received).toBe('you?')
})

test('in a star each peer has a link to the host, and to the new host when the role moves', async () => {
  const rooms = await joinThree({ topology: 'star' })
  const [ann, ben, cid] = rooms
  const linked = (room: Room) =>
    [...room.peers.values()].filter(({ link }) => link?.state === 'open').map(({ id }) => id)
  await until(ann, () => allOpen(ann))
  await Promise.all([ben, cid].map((room) => until(room, () => linked(room).length === 1)))
  expect(linked(ben)).toEqual([ann.self.id])
  await expect(ben.channel('x').send(1, { to: cid.self.id })).rejects.toMatchObject({
    code: 'peer-unreachable',
  })
  ann.channel('x').on('message', () => {})
  const failed = new Map([[cid.self.id, 'peer-unreachable']])
  for (const ack of [false, true]) {
    const outcome = await ben.channel('x').send('all', { ack })
    expect(outcome).toEqual({ reached: [ann.self.id], failed })
  }
  await ann.transferHost(cid.self.id)
  await until(cid, () => linked(cid).length === 2)
  await Promise.all([ann, ben].map((room) => until(room, () => `${linked(room)}` === cid.self.id)))
  await until(ann, () => ann.peers.get(ben.self.id)?.link === null)
  const received = new Promise((resolve) => {
    cid.channel('x').on('message', ({ data }) => resolve(data))
  })
  await ben.channel('x').send('all')
  expect(await received).toBe('all')
})
