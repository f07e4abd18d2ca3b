import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

/** Collects [receiver, data] of messages on `asks` in these rooms. */
const listen = (rooms: readonly Room[]): unknown[] => {
  const received: unknown[] = []
  for (const room of rooms) {
    room.channel('asks').on('message', ({ data }) => received.push([room.self.id, data]))
  }
  return received
}

const withoutHost = async ({ gather }: FakeWorld) => {
  const rooms = (await gather(['ann', 'ben', 'cid'], { canHost: false })) as [Room, Room, Room]
  expect(rooms.map(({ host }) => host)).toEqual([null, null, null])
  return rooms
}

test('without a host, messages wait and go to the next host in order', async () => {
  const world = fakeWorld()
  const rooms = await withoutHost(world)
  const [ann, ben] = rooms
  const received = listen(rooms)
  let settled = 0
  const sent = Promise.all(
    [1, 2, 3].map(async (data) => {
      await ann.channel('asks').send(data, { to: 'host', ack: data === 2 })
      settled += 1
    }),
  )
  await world.clock.advance(2_000)
  expect([received, settled]).toEqual([[], 0])
  ben.update({ canHost: true })
  await world.clock.until(() => settled === 3)
  await sent
  await world.clock.until(() => received.length === 3)
  expect(received).toEqual([1, 2, 3].map((data) => [ben.self.id, data]))
})

test('a message that waits for a host is handled locally if its sender becomes host', async () => {
  const world = fakeWorld()
  const rooms = await withoutHost(world)
  const [ann] = rooms
  const received = listen(rooms)
  const sent = ann.channel('asks').send('who?', { to: 'host', ack: true })
  await world.clock.advance(1_000)
  ann.update({ canHost: true })
  await world.clock.until(() => received.length > 0)
  await sent
  expect(received).toEqual([[ann.self.id, 'who?']])
})

for (const ack of [false, true]) {
  test(`without a host, a send rejects at timeoutMs and is never delivered, ack: ${ack}`, async () => {
    const world = fakeWorld()
    const rooms = await withoutHost(world)
    const [ann, ben] = rooms
    const received = listen(rooms)
    const codes: unknown[] = []
    const failed = ann
      .channel('asks')
      .send(1, { to: 'host', timeoutMs: 2_000, ack })
      .catch(({ code }) => codes.push(code))
    await world.clock.advance(1_999)
    expect(codes).toEqual([])
    await world.clock.advance(1)
    await failed
    expect(codes).toEqual(['timeout'])
    ben.update({ canHost: true })
    await world.clock.until(() => ann.host === ben.self.id)
    await world.clock.advance(2_000)
    expect(received).toEqual([])
  })
}

test('without a host, a send can be aborted and is never delivered', async () => {
  const world = fakeWorld()
  const rooms = await withoutHost(world)
  const [ann, ben] = rooms
  const received = listen(rooms)
  const stop = new AbortController()
  const { signal } = stop
  const sends = Promise.allSettled([ann.channel('asks').send(1, { to: 'host', signal })])
  await world.clock.advance(500)
  stop.abort()
  expect(await sends).toMatchObject([{ reason: { code: 'aborted' } }])
  ben.update({ canHost: true })
  await world.clock.until(() => ann.host === ben.self.id)
  await world.clock.advance(2_000)
  expect(received).toEqual([])
})

for (const ack of [false, true]) {
  test(`a message that waits for the link to the host goes to the next host when the role moves, ack: ${ack}`, async () => {
    const { clock, gather, begin, network } = fakeWorld()
    const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
    network.cut('ann', 'cid')
    let isJoined = false
    const joining = begin('cid').finally(() => {
      isJoined = true
    })
    await clock.until(() => isJoined && ann.peers.size === 2 && ben.peers.size === 2)
    const cid = await joining
    await clock.until(() => cid.peers.get(ben.self.id)?.link?.state === 'open')
    const received = listen([ann, ben, cid])
    expect(cid.host).toBe(ann.self.id)
    const settled: unknown[] = []
    const sent = cid
      .channel('asks')
      .send('you?', { to: 'host', ack, timeoutMs: 60_000 })
      .then(() => settled.push('sent'))
    await clock.advance(1_000)
    expect([received, settled]).toEqual([[], []])
    const transfer = ann.transferHost(ben.self.id)
    await clock.until(() => settled.length > 0 && !ann.isHost)
    await Promise.all([transfer, sent])
    await clock.until(() => received.length > 0)
    // The old host never gets it, even after its link opens.
    network.restore('ann', 'cid')
    await clock.until(() => cid.peers.get(ann.self.id)?.link?.state === 'open')
    await clock.advance(2_000)
    expect(received).toEqual([[ben.self.id, 'you?']])
  })
}

test('leaving rejects a send that waits for a host', async () => {
  const world = fakeWorld()
  const [ann] = await withoutHost(world)
  const codes: unknown[] = []
  ann
    .channel('asks')
    .send(1, { to: 'host' })
    .catch(({ code }) => codes.push(code))
  await world.clock.advance(100)
  await ann.leave()
  await world.clock.until(() => codes.length > 0)
  expect(codes).toEqual(['closed'])
})

test('with ack, a send from the host to itself resolves only once the message is handled', async () => {
  const { clock, gather } = fakeWorld()
  const [ann] = (await gather(['ann', 'ben'])) as [Room, Room]
  const order: string[] = []
  const sent = ann
    .channel('asks')
    .send(1, { to: 'host', ack: true })
    .then(() => order.push('acknowledged'))
  await clock.advance(100)
  ann.channel('asks').on('message', () => order.push('handled'))
  await clock.advance(100)
  await sent
  expect(order).toEqual(['handled', 'acknowledged'])
})

test('messages from the host to itself are delivered or rejected, never lost', async () => {
  const { clock, gather } = fakeWorld()
  const [ann] = (await gather(['ann', 'ben'])) as [Room, Room]
  const codes: unknown[] = []
  for (let number = 0; number < 100; number += 1) {
    ann
      .channel<string>('asks')
      .send('x'.repeat(2 ** 20), { to: 'host' })
      .then(
        () => codes.push(null),
        ({ code }) => codes.push(code),
      )
  }
  await clock.until(() => codes.length === 100)
  const received: unknown[] = []
  ann.channel('asks').on('message', () => received.push(null))
  await clock.advance(100)
  expect(new Set(codes)).toEqual(new Set([null, 'queue-full']))
  expect(codes.filter((code) => code === null)).toEqual(received)
})

test('messages in flight to a host whose link failed are handled once when it is back', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  await clock.advance(1_000)
  const received = listen([ann])
  const stateOf = () => ben.peers.get(ann.self.id)?.link?.state
  const numbers = Array.from({ length: 20 }, (_, number) => number)
  const sent = Promise.all(
    numbers.map((number) => ben.channel('asks').send(number, { to: 'host', timeoutMs: 1_000_000 })),
  )
  await clock.settle()
  network.cut('ann', 'ben')
  await sent
  await clock.until(() => stateOf() === 'failed', { limitMs: 300_000 })
  network.restore('ann', 'ben')
  await clock.until(() => stateOf() === 'open', { limitMs: 300_000 })
  await clock.advance(10_000)
  expect(received).toEqual(numbers.map((number) => [ann.self.id, number]))
})

test('bytes that the old host rejects reach the next host unchanged, whatever is sent meanwhile', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  await clock.advance(1_000)
  const received: unknown[] = []
  ben.channel<Uint8Array>('asks').on('message', ({ data }) => {
    received.push([data.length, ...new Set(data)])
  })
  network.cut('ann', 'cid')
  const asks = cid.channel<Uint8Array>('asks')
  const sent = asks.send(new Uint8Array(65_536).fill(1), { to: 'host' })
  const transfer = ann.transferHost(ben.self.id)
  await clock.until(() => cid.host === ben.self.id && !ann.isHost)
  network.restore('ann', 'cid')
  // Each of these takes a released buffer from the pool.
  const others: Promise<unknown>[] = []
  await clock.until(() => {
    others.push(cid.channel<Uint8Array>('other').send(new Uint8Array(65_536).fill(2)))
    return received.length > 0 || others.length > 500
  })
  await clock.advance(2_000)
  await Promise.all([transfer, sent, ...others])
  expect(received).toEqual([[65_536, 1]])
})
