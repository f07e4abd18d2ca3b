import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

const pair = async (options = {}) => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'], options)) as [Room, Room]
  await clock.advance(1_000)
  return { clock, ann, ben }
}

const readSome = async (room: Room, count: number): Promise<unknown[]> => {
  const messages: unknown[] = []
  for await (const { data } of room.channel('x')) {
    messages.push(data)
    if (messages.length === count) break
  }
  return messages
}

test('messages that a reader leaves unread are delivered to the next reader', async () => {
  const { clock, ann, ben } = await pair()
  const sent = Promise.all([0, 1, 2].map((data) => ann.channel('x').send(data, { ack: true })))
  const first = readSome(ben, 1)
  await clock.advance(100)
  expect(await first).toEqual([0])
  expect(await readSome(ben, 2)).toEqual([1, 2])
  await clock.advance(100)
  await sent
})

test('messages that a reader leaves unread are delivered to a listener that was added meanwhile', async () => {
  const { clock, ann, ben } = await pair()
  const reader = ben.channel('x')[Symbol.asyncIterator]()
  const first = reader.next()
  const sends = [0, 1, 2].map((data) => ann.channel('x').send(data, { ack: true }))
  await clock.advance(100)
  expect((await first).value?.data).toBe(0)
  const received: unknown[] = []
  ben.channel('x').on('message', ({ data }) => received.push(data))
  await Promise.all([reader.return?.(), clock.advance(100)])
  await clock.advance(100)
  await Promise.all(sends)
  expect(received).toEqual([1, 2])
})

test('two readers each get every message, and the slower one limits the sender', async () => {
  const { clock, ann, ben } = await pair()
  const padding = 'x'.repeat(2 ** 20)
  const fast: unknown[] = []
  const all = (async () => {
    for await (const { data } of ben.channel<string>('x')) {
      if (data === 'end') return
      fast.push(data.length)
    }
  })()
  const slow = ben.channel<string>('x')[Symbol.asyncIterator]()
  const first = slow.next()
  const sends = [...new Array<string>(8).fill(padding), 'end'].map((data) =>
    ann.channel<string>('x').send(data),
  )
  await clock.advance(10_000)
  // Two messages wait for the slow reader; few more were sent before the credit ran out.
  expect(fast.length).toBeLessThan(5)
  expect((await first).value?.data).toBe(padding)
  for (let count = 0; count < 8; count += 1) {
    const next = slow.next()
    await clock.advance(1_000)
    await next
  }
  await all
  await Promise.all(sends)
  expect(fast).toEqual(new Array(8).fill(padding.length))
})

test('a peer with a very small message limit can still acknowledge messages', async () => {
  const { clock, ann, ben } = await pair({ maxMessageBytes: 1 })
  ben.channel('x').on('message', () => {})
  const sent = ann.channel('x').send('', { ack: true })
  await clock.advance(100)
  await sent
  const large = ann.channel('x').send('two', { ack: true, to: ben.self.id })
  await expect(large).rejects.toMatchObject({ code: 'too-large' })
})
