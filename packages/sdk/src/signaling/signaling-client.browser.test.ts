import type { ServerMessage, WelcomeMessage } from '@skein/protocol'
import { expect, inject, test } from 'vitest'
import { systemClock } from '../time/clock.ts'
import { createSignalingClient } from './signaling-client.ts'

const connect = (room: string) => {
  const welcomed = Promise.withResolvers<WelcomeMessage>()
  const received = Promise.withResolvers<ServerMessage>()
  const client = createSignalingClient({
    url: inject('signaling'),
    room,
    presence: null,
    canHost: true,
    priority: 0,
    token: null,
    WebSocket,
    clock: systemClock,
    random: Math.random,
    timeoutMs: 10_000,
    seat: null,
    knock: async () => false,
    isBusy: () => false,
    isBroken: () => false,
    sendBeacon: () => {},
    observer: {
      welcomed: welcomed.resolve,
      received: received.resolve,
      reached: () => {},
      onlineChanged: () => {},
      closed: (error) => error && welcomed.reject(error),
    },
  })
  return { client, welcomed: welcomed.promise, received: received.promise }
}

test('a browser joins on the real server and sees the next one join and leave', async () => {
  const room = crypto.randomUUID()
  const ann = connect(room)
  const first = await ann.welcomed
  const ben = connect(room)
  const second = await ben.welcomed
  expect(second.peers.map(({ id }) => id)).toEqual([first.self.id])
  expect(await ann.received).toMatchObject({ type: 'peer-joined', peer: { id: second.self.id } })
  ann.client.close({ leave: true })
  expect(await ben.received).toMatchObject({ type: 'peer-left', reason: 'left' })
  ben.client.close({ leave: true })
})
