import type { SkeinErrorCode } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room, SendOutcome } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

const label = 'state'
const hostOnly = { hostOnly: true }

const listen = (room: Room): unknown[] => {
  const received: unknown[] = []
  room.channel<unknown>(label, hostOnly).on('message', ({ data, from, term }) => {
    received.push({ data, from, term })
  })
  return received
}

/** Ann still believes that she is host after Ben has become host; their link is open. */
const staleHost = async (world: FakeWorld): Promise<[Room, Room, Room]> => {
  const rooms = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const [ann, ben, cid] = rooms
  world.signaling.cut('ann')
  world.signaling.drop('ann')
  await world.clock.until(() => ben.isHost && cid.host === ben.self.id)
  expect(ann.isHost).toBe(true)
  expect(ben.peers.get(ann.self.id)?.link?.state).toBe('open')
  return rooms
}

/** Ben is host and knows it, but Cid does not; their link is open. */
const staleMember = async (world: FakeWorld): Promise<[Room, Room, Room]> => {
  const rooms = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const [ann, ben, cid] = rooms
  world.signaling.cut('cid')
  const transfer = ann.transferHost(ben.self.id)
  await world.clock.until(() => ben.isHost && ann.host === ben.self.id)
  await transfer
  expect(cid.host).toBe(ann.self.id)
  return rooms
}

/** The code of the first recipient that the message did not reach, or of the rejection. */
const outcome = (promise: Promise<SendOutcome>): Promise<SkeinErrorCode | null> =>
  promise.then(
    ({ failed }) => [...failed.values()][0] ?? null,
    (error: { readonly code: SkeinErrorCode }) => error.code,
  )

test('messages of a host with an older host term are dropped, and with ack each peer reports it', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await staleHost(world)
  const received = [listen(ben), listen(cid)]
  const state = ann.channel<number>(label, hostOnly)
  const withAck = state.send(1, { ack: true })
  const withoutAck = outcome(state.send(2))
  await world.clock.advance(1_000)
  const failed = new Map([
    [ben.self.id, 'stale-term'],
    [cid.self.id, 'stale-term'],
  ])
  expect(await withAck).toEqual({ reached: [], failed })
  // Without ack the send resolves as soon as the links have accepted the message.
  expect(await withoutAck).toBe(null)
  expect(received).toEqual([[], []])
})

test('messages of the current host arrive while a stale host sends too', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await staleHost(world)
  const received = listen(cid)
  const sent: Promise<SkeinErrorCode | null>[] = []
  for (const data of [1, 2, 3]) {
    sent.push(outcome(ann.channel<number>(label, hostOnly).send(-data, { ack: true })))
    sent.push(
      outcome(ben.channel<number>(label, hostOnly).send(data, { ack: true, to: cid.self.id })),
    )
  }
  await world.clock.advance(1_000)
  expect(await Promise.all(sent)).toEqual([
    'stale-term',
    null,
    'stale-term',
    null,
    'stale-term',
    null,
  ])
  expect(received).toEqual([1, 2, 3].map((data) => ({ data, from: ben.self.id, term: ben.term })))
})

test('after reconnecting, a stale host cannot send any more and receives from the host', async () => {
  const world = fakeWorld()
  const [ann, ben] = await staleHost(world)
  world.signaling.restore('ann')
  await world.clock.until(() => ann.host === ben.self.id)
  await expect(ann.channel(label, hostOnly).send(1)).rejects.toMatchObject({ code: 'not-host' })
  const received = listen(ann)
  const isOpen = (one: Room, other: Room) => one.peers.get(other.self.id)?.link?.state === 'open'
  await world.clock.until(() => isOpen(ann, ben) && isOpen(ben, ann))
  const options = { to: ann.self.id, ack: true }
  const sent = outcome(ben.channel<number>(label, hostOnly).send(2, options))
  await world.clock.until(() => received.length > 0)
  expect(received).toEqual([{ data: 2, from: ben.self.id, term: ben.term }])
  await world.clock.advance(1_000)
  expect(await sent).toBe(null)
})

test('messages of an unknown host term wait until it is known, and keep their order', async () => {
  const world = fakeWorld()
  const [, ben, cid] = await staleMember(world)
  const received = listen(cid)
  const state = ben.channel<number>(label, hostOnly)
  const to = cid.self.id
  let acknowledged = 0
  const sent = Promise.all(
    [1, 2, 3].map((data) =>
      state.send(data, { to, ack: true }).then(() => {
        acknowledged += 1
      }),
    ),
  )
  await world.clock.advance(1_000)
  expect([received, acknowledged]).toEqual([[], 0])
  world.signaling.restore('cid')
  await world.clock.until(() => acknowledged === 3)
  await sent
  expect(received).toEqual([1, 2, 3].map((data) => ({ data, from: ben.self.id, term: ben.term })))
})

test('messages that wait for a host term are bounded by the credit of their channel, and all arrive', async () => {
  const world = fakeWorld()
  const [, ben, cid] = await staleMember(world)
  const received: number[] = []
  cid.channel<number[]>(label, hostOnly).on('message', ({ data }) => received.push(data[0] ?? -1))
  const state = ben.channel<unknown>(label, hostOnly)
  const padding = 'x'.repeat(2 ** 20)
  const accepted: number[] = []
  const sends = Array.from({ length: 40 }, (_, number) =>
    state.send([number, padding], { to: cid.self.id }).then(() => accepted.push(number)),
  )
  await world.clock.advance(5_000)
  // Cid holds two messages; the others wait at the sender.
  expect([received, accepted]).toEqual([[], [0, 1]])
  world.signaling.restore('cid')
  await world.clock.until(() => received.length === sends.length)
  await Promise.all(sends)
  expect(received).toEqual(sends.map((_, number) => number))
})

test('a message for the host waits at a new host that does not know its role yet', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const received: unknown[] = []
  for (const room of [ann, ben]) {
    room.channel('asks').on('message', ({ data }) => received.push(data, room.self.id))
  }
  world.signaling.cut('ben')
  const transfer = ann.transferHost(ben.self.id)
  await world.clock.until(() => ann.host === ben.self.id && cid.host === ben.self.id)
  await transfer
  const sent = cid.channel('asks').send('you?', { to: 'host', ack: true })
  await world.clock.advance(1_000)
  expect([ben.isHost, received]).toEqual([false, []])
  world.signaling.restore('ben')
  await world.clock.until(() => received.length > 0)
  await world.clock.advance(1_000)
  await sent
  expect(received).toEqual(['you?', ben.self.id])
})
