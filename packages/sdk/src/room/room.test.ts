import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld, record } from './fake-world.testing.ts'

const idsOf = (room: Room) => [room.self.id, ...room.peers.keys()].sort()

test('peers are in join order, and snapshots are immutable', async () => {
  const { clock, gather, begin } = fakeWorld()
  const [ann] = await gather(['ann', 'ben', 'cid'])
  if (!ann) throw new Error('not all joined')
  const before = ann.peers
  expect([...before.values()].map(({ joinOrder }) => joinOrder)).toEqual([1, 2])
  const seen: number[] = []
  ann.on('peerjoin', ({ peer }) =>
    seen.push(ann.peers.size, ann.peers.get(peer.id) === peer ? 1 : 0),
  )
  const dan = begin('dan', { presence: { name: 'Dan' } })
  await clock.until(() => ann.peers.size === 3)
  // Dan's own welcome may arrive later.
  await clock.advance(1_000)
  expect(before.size).toBe(2)
  expect(seen).toEqual([3, 1])
  await dan
})

test('every peer, including the updated one, gets a peerupdate event', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = await gather(['ann', 'ben'])
  const updates: unknown[] = []
  for (const room of [ann, ben]) {
    room?.on('peerupdate', ({ peer, previous }) => updates.push(previous.presence, peer.presence))
  }
  ben?.update({ presence: { name: 'Benno' } })
  await clock.until(() => updates.length === 4)
  expect(updates).toEqual([null, { name: 'Benno' }, null, { name: 'Benno' }])
  expect(ben?.self.presence).toEqual({ name: 'Benno' })
  expect(() => ben?.update({ priority: 101 })).toThrow(
    expect.objectContaining({ code: 'bad-argument' }),
  )
})

test('while the server is down the status is degraded and messages arrive; afterwards nothing has changed', async () => {
  const { clock, gather, signaling } = fakeWorld()
  const rooms = await gather(['ann', 'ben', 'cid'])
  const [ann, ben] = rooms as [Room, Room, Room]
  const hostTerms = rooms.map(({ host, term, epoch }) => ({ host, term, epoch }))
  const ids = idsOf(ann)
  const received: unknown[] = []
  ben.channel('chat').on('message', ({ data }) => received.push(data))
  signaling.stop()
  await clock.until(() => rooms.every(({ status }) => status === 'degraded'))
  const sent = ann.channel('chat').send('still here')
  await clock.until(() => received.length === 1)
  await sent
  const events = rooms.map(record)
  await clock.advance(8_000)
  signaling.start()
  await clock.until(() => rooms.every(({ status }) => status === 'connected'))
  await clock.advance(20_000)
  expect(rooms.map(idsOf)).toEqual([ids, ids, ids])
  expect(rooms.map(({ host, term, epoch }) => ({ host, term, epoch }))).toEqual(hostTerms)
  for (const names of events) expect(names).not.toContain('peerleave')
  for (const names of events) expect(names).not.toContain('hostchange')
  for (const names of events) expect(names).not.toContain('linkchange')
})

test('a peer that loses its socket for a moment keeps its id and its links', async () => {
  const { clock, gather, signaling } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const events = record(ann)
  signaling.drop('ben')
  await clock.advance(5_000)
  expect(new Set(events)).toEqual(new Set(['peerupdate']))
  expect(ann.peers.get(ben.self.id)?.online).toBe(true)
})

test('a lost host is replaced after its grace period, and its links close', async () => {
  const { clock, gather, signaling, network } = fakeWorld()
  const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const { term } = ann
  const events = record(cid)
  signaling.cut('ann')
  signaling.drop('ann')
  network.cut('ann', 'ben')
  network.cut('ann', 'cid')
  await clock.until(() => cid.host === ben.self.id)
  expect(cid.term).toBe(term + 1)
  await clock.until(() => cid.peers.size === 1)
  expect(events).toContain('hostchange')
  expect(events.at(-1)).toBe('peerleave')
})

test('a peer that rejoins after its grace period gets a new id and new links', async () => {
  const { clock, gather, signaling } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const before = ben.self.id
  const links: (string | null)[] = []
  ben.on('linkchange', ({ link }) => links.push(link?.state ?? null))
  signaling.cut('ben')
  signaling.drop('ben')
  await clock.until(() => ann.peers.size === 0)
  signaling.restore('ben')
  await clock.until(() => ann.peers.size === 1 && ben.status === 'connected')
  expect(ben.self.id).not.toBe(before)
  expect(idsOf(ann)).toEqual(idsOf(ben))
  await clock.until(() => ben.peers.get(ann.self.id)?.link?.state === 'open')
  expect(links).toContain(null)
  const received = ben.channel('chat')[Symbol.asyncIterator]().next()
  const sent = ann.channel('chat').send('again')
  await clock.advance(1_000)
  await sent
  expect((await received).value?.data).toBe('again')
})

test('leaving closes everything once, and rejects what is pending', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const events = record(ann)
  ben.handle('never', () => new Promise(() => {}))
  const call = ann.call(ben.self.id, 'never')
  const acked = ann.channel('x').send(1, { ack: true })
  const failures = Promise.allSettled([call, acked])
  await clock.advance(100)
  const readers = (async () => {
    for await (const _ of ann.channel('y')) throw new Error('unexpected message')
    return 'ended'
  })()
  await clock.settle()
  await ann.leave()
  await ann.leave()
  expect(await ann.closed).toBe(null)
  expect(await readers).toBe('ended')
  for (const result of await failures) expect(result).toMatchObject({ reason: { code: 'closed' } })
  await expect(ann.channel('x').send(1)).rejects.toMatchObject({ code: 'closed' })
  await expect(ann.transferHost(ben.self.id)).rejects.toMatchObject({ code: 'closed' })
  expect(events).toEqual(['statuschange'])
  await clock.until(() => ben.peers.size === 0)
  await clock.advance(1_000)
  expect(ben.isHost).toBe(true)
})

test('a send to a peer that leaves before its link opens rejects', async () => {
  const { clock, begin, network } = fakeWorld()
  network.cut('ann', 'ben')
  const joining = Promise.all([begin('ann'), begin('ben')])
  await clock.advance(500)
  const [ann, ben] = await joining
  await clock.until(() => ann.peers.size === 1)
  const [send] = await Promise.all([
    Promise.allSettled([ann.channel('x').send(1, { to: ben.self.id })]),
    ben.leave().then(() => clock.advance(1_000)),
  ])
  expect(send).toMatchObject([{ reason: { code: 'peer-gone' } }])
})

test('a send that times out or is aborted names the peers that it did not reach', async () => {
  const { clock, begin, network } = fakeWorld()
  network.cut('ann', 'ben')
  const joining = Promise.all([begin('ann'), begin('ben')])
  await clock.advance(500)
  const [ann, ben] = await joining
  await clock.until(() => ann.peers.size === 1)
  const stop = new AbortController()
  const sends = Promise.allSettled([
    ann.channel('x').send(1, { timeoutMs: 300 }),
    ann.channel('x').send(2, { signal: stop.signal }),
  ])
  await clock.advance(301)
  stop.abort()
  const failed = new Map([[ben.self.id, 'timeout']])
  const aborted = new Map([[ben.self.id, 'aborted']])
  expect(await sends).toMatchObject([
    { value: { reached: [], failed } },
    { reason: { code: 'aborted', cause: { reached: [], failed: aborted } } },
  ])
})

test('messages that arrive before the first listener are kept in order', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const numbers = Array.from({ length: 50 }, (_, number) => number)
  const sent = Promise.all(numbers.map((number) => ann.channel<number>('n').send(number)))
  await clock.advance(1_000)
  await sent
  const received: unknown[] = []
  ben.channel('n').on('message', ({ data }) => received.push(data))
  await clock.settle()
  expect(received).toEqual(numbers)
})

test('without a host a message to the host waits for one until its timeout', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'], { canHost: false })) as [Room, Room]
  expect(ann.host).toBe(null)
  const settled = Promise.allSettled([ann.channel('x').send(1, { to: 'host', timeoutMs: 500 })])
  await clock.advance(501)
  expect(await settled).toMatchObject([{ reason: { code: 'timeout' } }])
  const received: unknown[] = []
  ben.channel('x').on('message', ({ data }) => received.push(data))
  const sent = ann.channel('x').send('at last', { to: 'host', ack: true })
  await clock.advance(1_000)
  ben.update({ canHost: true })
  await clock.until(() => received.length > 0)
  await clock.advance(1_000)
  await sent
  expect(received).toEqual(['at last'])
})

test('a message of the host to the host arrives there as a copy', async () => {
  const { clock, gather } = fakeWorld()
  const [ann] = (await gather(['ann', 'ben'])) as [Room, Room]
  const data = { list: [1] }
  const received: unknown[] = []
  ann.channel('x').on('message', (message) => received.push(message))
  await ann.channel('x').send(data, { to: 'host', ack: true })
  data.list.push(2)
  await clock.settle()
  expect(received).toEqual([{ data: { list: [1] }, from: ann.self.id, term: ann.term }])
})

test('a peer that violates the protocol loses its link, and the room goes on', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const errors: unknown[] = []
  ann.on('error', ({ error }) => errors.push(error.code))
  // Messages flow on an open link after the `hello` of the other side.
  await clock.advance(100)
  for (const connection of network.connections('ben')) {
    const main = connection.channels.find(({ label }) => label === 'skein')
    main?.send(new Uint8Array([255, 255, 255]))
  }
  await clock.until(() => ann.peers.get(ben.self.id)?.link?.state === 'failed')
  expect(errors).toEqual(['bad-message'])
  await expect(ann.channel('x').send(1, { to: ben.self.id })).rejects.toMatchObject({
    code: 'peer-unreachable',
  })
  await ann.channel('x').send(1, { to: cid.self.id })
  await clock.advance(60_000)
  expect(ann.peers.get(ben.self.id)?.link?.state).toBe('failed')
  expect(ann.status).toBe('connected')
})

test('after a peer leaves, an undelivered event counts its unacknowledged messages', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const { id } = ben.self
  const events: unknown[] = []
  ann.on('peerleave', ({ peer }) => events.push(['peerleave', peer.id, ann.peers.size]))
  ann.on('undelivered', ({ peer, channel, count }) => events.push([peer.id, channel, count]))
  const chat = ann.channel('chat')
  ben.channel('chat').on('message', () => {})
  const first = chat.send('this one arrives', { ack: true })
  await clock.advance(1_000)
  await first
  network.cut('ann', 'ben')
  const rest = Promise.all([1, 2, 3].map((number) => chat.send(number)))
  await clock.advance(100)
  await rest
  await ben.leave()
  await clock.until(() => ann.peers.size === 0)
  await clock.settle()
  expect(events).toEqual([
    ['peerleave', id, 0],
    [id, 'chat', 3],
  ])
})
