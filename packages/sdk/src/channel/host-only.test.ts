import type { SkeinErrorCode } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

const label = 'state'
const hostOnly = { hostOnly: true }

const listen = (room: Room): unknown[] => {
  const heard: unknown[] = []
  room.channel<unknown>(label, hostOnly).on('message', ({ data, from, term }) => {
    heard.push({ data, from, term })
  })
  return heard
}

/** Ann takes herself for the host, long after Ben has become it; their links are open. */
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

/** Ben is host and knows it, Cid has not heard of that; their link is open. */
const lateToHear = async (world: FakeWorld): Promise<[Room, Room, Room]> => {
  const rooms = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const [ann, ben, cid] = rooms
  world.signaling.cut('cid')
  const given = ann.transferHost(ben.self.id)
  await world.clock.until(() => ben.isHost && ann.host === ben.self.id)
  await given
  expect(cid.host).toBe(ann.self.id)
  return rooms
}

const outcome = (promise: Promise<void>): Promise<SkeinErrorCode | null> =>
  promise.then(
    () => null,
    (error: { readonly code: SkeinErrorCode }) => error.code,
  )

test('what a host of an older hostTerm says is dropped, and with ack it hears so from each peer', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await staleHost(world)
  const heard = [listen(ben), listen(cid)]
  const state = ann.channel<number>(label, hostOnly)
  const asked = Promise.allSettled([state.send(1, { ack: true })])
  const told = outcome(state.send(2))
  await world.clock.advance(1_000)
  const failed = new Map([
    [ben.self.id, 'stale-term'],
    [cid.self.id, 'stale-term'],
  ])
  expect(await asked).toMatchObject([
    { reason: { code: 'stale-term', cause: { reached: [], failed } } },
  ])
  // Without ack nobody asks what became of it: the links have taken it.
  expect(await told).toBe(null)
  expect(heard).toEqual([[], []])
})

test('the words of the host of now arrive beside those of a stale one', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = await staleHost(world)
  const heard = listen(cid)
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
  expect(heard).toEqual([1, 2, 3].map((data) => ({ data, from: ben.self.id, term: ben.term })))
})

test('back with the server, the stale host knows: it may not send, and hears the host', async () => {
  const world = fakeWorld()
  const [ann, ben] = await staleHost(world)
  world.signaling.restore('ann')
  await world.clock.until(() => ann.host === ben.self.id)
  await expect(ann.channel(label, hostOnly).send(1)).rejects.toMatchObject({ code: 'not-host' })
  const heard = listen(ann)
  const isOpen = (one: Room, other: Room) => one.peers.get(other.self.id)?.link?.state === 'open'
  await world.clock.until(() => isOpen(ann, ben) && isOpen(ben, ann))
  const options = { to: ann.self.id, ack: true }
  const sent = outcome(ben.channel<number>(label, hostOnly).send(2, options))
  await world.clock.until(() => heard.length > 0)
  expect(heard).toEqual([{ data: 2, from: ben.self.id, term: ben.term }])
  await world.clock.advance(1_000)
  expect(await sent).toBe(null)
})

test('what is of a hostTerm that I have not heard of waits until I have, in order', async () => {
  const world = fakeWorld()
  const [, ben, cid] = await lateToHear(world)
  const heard = listen(cid)
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
  expect([heard, acknowledged]).toEqual([[], 0])
  world.signaling.restore('cid')
  await world.clock.until(() => acknowledged === 3)
  await sent
  expect(heard).toEqual([1, 2, 3].map((data) => ({ data, from: ben.self.id, term: ben.term })))
})

test('what waits for a hostTerm is bounded by the credit of its channel, and then all of it arrives', async () => {
  const world = fakeWorld()
  const [, ben, cid] = await lateToHear(world)
  const heard: number[] = []
  cid.channel<number[]>(label, hostOnly).on('message', ({ data }) => heard.push(data[0] ?? -1))
  const state = ben.channel<unknown>(label, hostOnly)
  const padding = 'x'.repeat(2 ** 20)
  const taken: number[] = []
  const sends = Array.from({ length: 40 }, (_, number) =>
    state.send([number, padding], { to: cid.self.id }).then(() => taken.push(number)),
  )
  await world.clock.advance(5_000)
  // Two wait there, and one more where they come from: the sender hears nothing of the rest yet.
  expect([heard, taken]).toEqual([[], [0, 1]])
  world.signaling.restore('cid')
  await world.clock.until(() => heard.length === sends.length)
  await Promise.all(sends)
  expect(heard).toEqual(sends.map((_, number) => number))
})

test('a message for the host waits at a host that does not know yet that it is', async () => {
  const world = fakeWorld()
  const [ann, ben, cid] = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  const heard: unknown[] = []
  for (const room of [ann, ben]) {
    room.channel('asks').on('message', ({ data }) => heard.push(data, room.self.id))
  }
  world.signaling.cut('ben')
  const given = ann.transferHost(ben.self.id)
  await world.clock.until(() => ann.host === ben.self.id && cid.host === ben.self.id)
  await given
  const sent = cid.channel('asks').send('you?', { to: 'host', ack: true })
  await world.clock.advance(1_000)
  expect([ben.isHost, heard]).toEqual([false, []])
  world.signaling.restore('ben')
  await world.clock.until(() => heard.length > 0)
  await world.clock.advance(1_000)
  await sent
  expect(heard).toEqual(['you?', ben.self.id])
})
