import type { ServerMessage, WelcomeMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createSignalingClient } from '../signaling/signaling-client.ts'
import { type FakeSignaling, fakeSignaling } from './fake-signaling.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

const connect = (name: string, world: { clock: VirtualClock; signaling: FakeSignaling }) => {
  const welcomes: WelcomeMessage[] = []
  const received: ServerMessage[] = []
  const client = createSignalingClient({
    url: 'ws://fake/ws',
    room: 'blue-door',
    presence: { name },
    canHost: true,
    priority: 0,
    token: null,
    WebSocket: world.signaling.port(name),
    clock: world.clock,
    random: () => 0.5,
    timeoutMs: 15_000,
    seat: null,
    knock: async () => false,
    isBusy: () => false,
    isBroken: () => false,
    sendBeacon: () => {},
    observer: {
      welcomed: (message) => welcomes.push(message),
      received: (message) => received.push(message),
      reached: () => {},
      onlineChanged: () => {},
      closed: () => {},
    },
  })
  return { client, welcomes, received }
}

const start = async () => {
  const clock = virtualClock()
  const world = { clock, signaling: fakeSignaling({ clock }) }
  const ann = connect('ann', world)
  await clock.advance(100)
  const ben = connect('ben', world)
  await clock.advance(100)
  return { ...world, ann, ben }
}

test('members see each other, and the first one is host', async () => {
  const { ann, ben } = await start()
  expect(ben.welcomes[0]?.peers.map(({ presence }) => presence)).toEqual([{ name: 'ann' }])
  expect(ben.welcomes[0]?.host).toBe(ann.welcomes[0]?.self.id)
  expect(ann.received.map(({ type }) => type)).toEqual(['peer-joined'])
})

test('when the host leaves, the next member becomes host', async () => {
  const { clock, ann, ben } = await start()
  ann.client.close({ leave: true })
  await clock.advance(100)
  expect(ben.received).toMatchObject([
    { type: 'peer-left', reason: 'left' },
    { type: 'host', term: 2, host: ben.welcomes[0]?.self.id },
  ])
})

test('after a short disconnect, the others get only two updates and no member changes', async () => {
  const { clock, signaling, ann, ben } = await start()
  signaling.drop('ann')
  await clock.advance(3_000)
  expect(ann.welcomes[1]).toMatchObject({ resumed: true, self: { id: ann.welcomes[0]?.self.id } })
  expect(ben.received.map(({ type }) => type)).toEqual(['peer-updated', 'peer-updated'])
})

test('a member that is cut off for longer than the grace period is removed and rejoins as new', async () => {
  const { clock, signaling, ann, ben } = await start()
  signaling.cut('ann')
  await clock.advance(30_000)
  signaling.drop('ann')
  await clock.advance(15_000)
  expect(ben.received.at(-1)).toMatchObject({ type: 'peer-left', reason: 'timeout' })
  signaling.restore('ann')
  await clock.advance(60_000)
  expect(ann.welcomes.at(-1)).toMatchObject({ resumed: false, host: ben.welcomes[0]?.self.id })
})

test('a restarted server rebuilds the room from its clients', async () => {
  const { clock, signaling, ann, ben } = await start()
  signaling.stop()
  await clock.advance(1_000)
  signaling.start()
  await clock.advance(10_000)
  for (const { welcomes } of [ann, ben]) {
    const [before, after] = [welcomes[0], welcomes.at(-1)]
    expect(after).not.toBe(before)
    expect(after).toMatchObject({ self: { id: before?.self.id }, host: before?.host, term: 1 })
  }
})
