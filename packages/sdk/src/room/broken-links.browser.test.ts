import { afterEach, expect, test } from 'vitest'
import type { ChannelMessage, Room, SendOutcome } from '../api.ts'
import { enter, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

/** Few and small enough to be held unread. */
const numbers = Array.from({ length: 200 }, (_, number) => number)

/** Sends all numbers at once, before the link to the only other peer is open. */
const sendEarly = (room: Room): Promise<unknown> => {
  const [peer] = room.peers.values()
  expect(peer?.link?.state).toBe('connecting')
  const channel = room.channel<number>('early')
  return Promise.all(numbers.map((number) => channel.send(number)))
}

const take = async (room: Room, count: number): Promise<readonly number[]> => {
  const taken: number[] = []
  for await (const { data } of room.channel<number>('early')) {
    taken.push(data)
    if (taken.length === count) break
  }
  return taken
}

/** Resolves when everything that was sent before has arrived. */
const flush = (from: Room, to: Room): Promise<SendOutcome> => {
  to.channel('flush').on('message', () => {})
  return from.channel('flush').send('done', { ack: true })
}

test('messages sent before the link is open arrive once and in order, even without a reader', async () => {
  const name = freshRoom()
  const ann = await enter(name)
  const annSends = until(ann, () => ann.peers.size === 1).then(() => sendEarly(ann))
  const ben = await enter(name)
  await Promise.all([annSends, sendEarly(ben)])
  await Promise.all([flush(ann, ben), flush(ben, ann)])
  expect(await take(ann, numbers.length)).toEqual(numbers)
  expect(await take(ben, numbers.length)).toEqual(numbers)
})

/** Records the connections of one room, so that a test can close them. */
const recordConnections = () => {
  const created: RTCPeerConnection[] = []
  class Recorded extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      created.push(this)
    }
  }
  return { created, port: Recorded }
}

test('unread messages outlive the connection that delivered them', async () => {
  const name = freshRoom()
  const { created, port } = recordConnections()
  const ann = await enter(name, { RTCPeerConnection: port })
  const ben = await enter(name)
  const channel = ben.channel<number>('early')
  await Promise.all(numbers.map((number) => channel.send(number)))
  await flush(ben, ann)
  created.at(-1)?.close()
  // Over the connection that replaces it.
  await Promise.all(numbers.map((number) => channel.send(numbers.length + number)))
  await flush(ben, ann)
  const received: number[] = []
  const all = new Promise<void>((resolve) => {
    ann.channel<number>('early').on('message', ({ data }: ChannelMessage<number>) => {
      received.push(data)
      if (received.length === 2 * numbers.length) resolve()
    })
  })
  await all
  expect(received).toEqual([...numbers, ...numbers.map((number) => numbers.length + number)])
  expect(created.length).toBeGreaterThan(1)
})
