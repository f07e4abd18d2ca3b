import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { allOpen, enterTogether, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

const three = async (options = {}) => (await enterTogether(3, options)) as [Room, Room, Room]

test('the host gives its role away, and all agree', async () => {
  const rooms = await three()
  const [ann, ben, cid] = rooms
  const { term } = ann
  await expect(ben.transferHost(cid.self.id)).rejects.toMatchObject({ code: 'not-host' })
  await ann.transferHost(cid.self.id)
  expect(ann.host).toBe(cid.self.id)
  await Promise.all(rooms.map((room) => until(room, () => room.host === cid.self.id)))
  for (const room of rooms) expect(room.term).toBe(term + 1)
})

test('the role is not given to one who cannot host', async () => {
  const [ann, ben] = await three()
  ben.update({ canHost: false })
  await until(ann, () => ann.peers.get(ben.self.id)?.canHost === false)
  await expect(ann.transferHost(ben.self.id)).rejects.toMatchObject({ code: 'not-eligible' })
  expect(ann.isHost).toBe(true)
})

test('asHost runs while I host, and its signal is aborted when the role goes', async () => {
  const [ann, ben] = await three()
  const begun: number[] = []
  const over = new Promise((resolve) => {
    ann.asHost(({ term, signal }) => {
      begun.push(term)
      signal.addEventListener('abort', () => resolve('over'))
    })
  })
  const started = new Promise<number>((resolve) => {
    ben.asHost(({ term }) => resolve(term))
  })
  await ann.transferHost(ben.self.id)
  expect(await over).toBe('over')
  expect(await started).toBe((begun[0] ?? 0) + 1)
  expect(begun.length).toBe(1)
})

test('a message to the host follows the role', async () => {
  const [ann, ben, cid] = await three()
  const heard = new Promise((resolve) => {
    ben.channel('asks').on('message', ({ data }) => resolve(data))
  })
  await ann.transferHost(ben.self.id)
  await cid.channel('asks').send('you?', { to: 'host', ack: true })
  expect(await heard).toBe('you?')
})

test('in a star each has a link to the host, and to the next host when the role moves', async () => {
  const rooms = await three({ topology: 'star' })
  const [ann, ben, cid] = rooms
  const linked = (room: Room) =>
    [...room.peers.values()].filter(({ link }) => link?.state === 'open').map(({ id }) => id)
  await until(ann, () => allOpen(ann))
  await Promise.all([ben, cid].map((room) => until(room, () => linked(room).length === 1)))
  expect(linked(ben)).toEqual([ann.self.id])
  await expect(ben.channel('x').send(1, { to: cid.self.id })).rejects.toMatchObject({
    code: 'peer-unreachable',
  })
  await ann.transferHost(cid.self.id)
  await until(cid, () => linked(cid).length === 2)
  await Promise.all([ann, ben].map((room) => until(room, () => `${linked(room)}` === cid.self.id)))
  await until(ann, () => ann.peers.get(ben.self.id)?.link === null)
  const heard = new Promise((resolve) => {
    cid.channel('x').on('message', ({ data }) => resolve(data))
  })
  await ben.channel('x').send('all')
  expect(await heard).toBe('all')
})
