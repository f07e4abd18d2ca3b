import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

/** Who hears what on `asks`, of those rooms. */
const listen = (rooms: readonly Room[]): unknown[] => {
  const heard: unknown[] = []
  for (const room of rooms) {
    room.channel('asks').on('message', ({ data }) => heard.push([room.self.id, data]))
  }
  return heard
}

const hostless = async ({ gather }: FakeWorld) => {
  const rooms = (await gather(['ann', 'ben', 'cid'], { canHost: false })) as [Room, Room, Room]
  expect(rooms.map(({ host }) => host)).toEqual([null, null, null])
  return rooms
}

test('with no host it waits, and all that waited is for the one who becomes it, in order', async () => {
  const world = fakeWorld()
  const rooms = await hostless(world)
  const [ann, ben] = rooms
  const heard = listen(rooms)
  let settled = 0
  const sent = Promise.all(
    [1, 2, 3].map(async (data) => {
      await ann.channel('asks').send(data, { to: 'host', ack: data === 2 })
      settled += 1
    }),
  )
  await world.clock.advance(2_000)
  expect([heard, settled]).toEqual([[], 0])
  ben.update({ canHost: true })
  await world.clock.until(() => settled === 3)
  await sent
  await world.clock.until(() => heard.length === 3)
  expect(heard).toEqual([1, 2, 3].map((data) => [ben.self.id, data]))
})

test('when I become the host myself, it is handled here', async () => {
  const world = fakeWorld()
  const rooms = await hostless(world)
  const [ann] = rooms
  const heard = listen(rooms)
  const sent = ann.channel('asks').send('who?', { to: 'host', ack: true })
  await world.clock.advance(1_000)
  ann.update({ canHost: true })
  await world.clock.until(() => heard.length > 0)
  await sent
  expect(heard).toEqual([[ann.self.id, 'who?']])
})

for (const ack of [false, true]) {
  test(`with no host it rejects at timeoutMs and is never heard, ack: ${ack}`, async () => {
    const world = fakeWorld()
    const rooms = await hostless(world)
    const [ann, ben] = rooms
    const heard = listen(rooms)
    const codes: unknown[] = []
    const gone = ann
      .channel('asks')
      .send(1, { to: 'host', timeoutMs: 2_000, ack })
      .catch(({ code }) => codes.push(code))
    await world.clock.advance(1_999)
    expect(codes).toEqual([])
    await world.clock.advance(1)
    await gone
    expect(codes).toEqual(['timeout'])
    ben.update({ canHost: true })
    await world.clock.until(() => ann.host === ben.self.id)
    await world.clock.advance(2_000)
    expect(heard).toEqual([])
  })
}

test('with no host it can be called off, and is never heard', async () => {
  const world = fakeWorld()
  const rooms = await hostless(world)
  const [ann, ben] = rooms
  const heard = listen(rooms)
  const stop = new AbortController()
  const { signal } = stop
  const sends = Promise.allSettled([ann.channel('asks').send(1, { to: 'host', signal })])
  await world.clock.advance(500)
  stop.abort()
  expect(await sends).toMatchObject([{ reason: { code: 'aborted' } }])
  ben.update({ canHost: true })
  await world.clock.until(() => ann.host === ben.self.id)
  await world.clock.advance(2_000)
  expect(heard).toEqual([])
})

for (const ack of [false, true]) {
  test(`what waits for the link to a host goes to the next when the role moves, ack: ${ack}`, async () => {
    const { clock, gather, begin, network } = fakeWorld()
    const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
    network.cut('ann', 'cid')
    let isIn = false
    const joining = begin('cid').finally(() => {
      isIn = true
    })
    await clock.until(() => isIn && ann.peers.size === 2 && ben.peers.size === 2)
    const cid = await joining
    await clock.until(() => cid.peers.get(ben.self.id)?.link?.state === 'open')
    const heard = listen([ann, ben, cid])
    expect(cid.host).toBe(ann.self.id)
    const settled: unknown[] = []
    const sent = cid
      .channel('asks')
      .send('you?', { to: 'host', ack, timeoutMs: 60_000 })
      .then(() => settled.push('sent'))
    await clock.advance(1_000)
    expect([heard, settled]).toEqual([[], []])
    const given = ann.transferHost(ben.self.id)
    await clock.until(() => settled.length > 0 && !ann.isHost)
    await Promise.all([given, sent])
    await clock.until(() => heard.length > 0)
    // The old host hears nothing of it, also not once its link is there.
    network.restore('ann', 'cid')
    await clock.until(() => cid.peers.get(ann.self.id)?.link?.state === 'open')
    await clock.advance(2_000)
    expect(heard).toEqual([[ben.self.id, 'you?']])
  })
}

test('leaving ends a send that waits for a host', async () => {
  const world = fakeWorld()
  const [ann] = await hostless(world)
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

test('the host too hears of its own message, with ack, only once it was handled', async () => {
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

test('what the host tells itself is never dropped without a word', async () => {
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
  const heard: unknown[] = []
  ann.channel('asks').on('message', () => heard.push(null))
  await clock.advance(100)
  expect(new Set(codes)).toEqual(new Set([null, 'queue-full']))
  expect(codes.filter((code) => code === null)).toEqual(heard)
})

test('what is on its way to a host whose link failed is handled once when that is back', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  await clock.advance(1_000)
  const heard = listen([ann])
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
  expect(heard).toEqual(numbers.map((number) => [ann.self.id, number]))
})

test('bytes that the old host refuses reach the next one as they were, whatever was sent meanwhile', async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  await clock.advance(1_000)
  const heard: unknown[] = []
  ben.channel<Uint8Array>('asks').on('message', ({ data }) => {
    heard.push([data.length, ...new Set(data)])
  })
  network.cut('ann', 'cid')
  const asks = cid.channel<Uint8Array>('asks')
  const asked = asks.send(new Uint8Array(65_536).fill(1), { to: 'host' })
  const given = ann.transferHost(ben.self.id)
  await clock.until(() => cid.host === ben.self.id && !ann.isHost)
  network.restore('ann', 'cid')
  // Each of these takes the memory of a copy that was given back.
  const others: Promise<void>[] = []
  await clock.until(() => {
    others.push(cid.channel<Uint8Array>('other').send(new Uint8Array(65_536).fill(2)))
    return heard.length > 0 || others.length > 500
  })
  await clock.advance(2_000)
  await Promise.all([given, asked, ...others])
  expect(heard).toEqual([[65_536, 1]])
})
