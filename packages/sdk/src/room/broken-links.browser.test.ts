import { afterEach, expect, test } from 'vitest'
import type { ChannelMessage, Room } from '../api.ts'
import { enter, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

/** Few and small enough to be held where nobody reads them. */
const numbers = Array.from({ length: 200 }, (_, number) => number)

/** Without awaiting any, before the link to the one other is there. */
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

/** When it was handled, all that was sent before it is on the other side. */
const mark = (from: Room, to: Room): Promise<void> => {
  to.channel('mark').on('message', () => {})
  return from.channel('mark').send('here', { ack: true })
}

test('what is sent before the link is open arrives, once and in order, also without a reader yet', async () => {
  const name = freshRoom()
  const ann = await enter(name)
  const annSends = until(ann, () => ann.peers.size === 1).then(() => sendEarly(ann))
  const ben = await enter(name)
  await Promise.all([annSends, sendEarly(ben)])
  await Promise.all([mark(ann, ben), mark(ben, ann)])
  expect(await take(ann, numbers.length)).toEqual(numbers)
  expect(await take(ben, numbers.length)).toEqual(numbers)
})

/** The connections of one room, to be closed under its feet. */
const ownConnections = () => {
  const made: RTCPeerConnection[] = []
  class Recorded extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      made.push(this)
    }
  }
  return { made, port: Recorded }
}

test('what nobody reads yet outlives the connection that brought it', async () => {
  const name = freshRoom()
  const { made, port } = ownConnections()
  const ann = await enter(name, { RTCPeerConnection: port })
  const ben = await enter(name)
  const channel = ben.channel<number>('early')
  await Promise.all(numbers.map((number) => channel.send(number)))
  await mark(ben, ann)
  made.at(-1)?.close()
  // Over the connection that takes its place.
  await Promise.all(numbers.map((number) => channel.send(numbers.length + number)))
  await mark(ben, ann)
  const heard: number[] = []
  const all = new Promise<void>((resolve) => {
    ann.channel<number>('early').on('message', ({ data }: ChannelMessage<number>) => {
      heard.push(data)
      if (heard.length === 2 * numbers.length) resolve()
    })
  })
  await all
  expect(heard).toEqual([...numbers, ...numbers.map((number) => numbers.length + number)])
  expect(made.length).toBeGreaterThan(1)
})
