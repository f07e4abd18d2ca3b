import { afterEach, expect, test } from 'vitest'
import type { Room, SendOutcome } from '../api.ts'
import { enterTogether, leaveAll } from '../room/rooms.testing.ts'

afterEach(leaveAll)

const gather = async (size: number): Promise<Room[]> => {
  const rooms = await enterTogether(size)
  // Their links are open, and the code that loads later is there.
  const sends = rooms.map((room) => {
    room.channel('ready').on('message', () => {})
    return room.channel('ready').send(1, { ack: true })
  })
  await Promise.all(sends)
  return rooms
}

test('what was sent before leaving arrives', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  const received: unknown[] = []
  const last = new Promise<void>((resolve) => {
    ben.channel('x').on('message', ({ data }) => {
      received.push(data)
      if (data === 'last') resolve()
    })
  })
  const undelivered: unknown[] = []
  ann.on('undelivered', (event) => undelivered.push(event))
  await ann.channel('x').send('one')
  await ann.channel('x').send('last')
  await ann.leave()
  await last
  expect([received, undelivered]).toEqual([['one', 'last'], []])
})

test('a channel whose listener was removed acknowledges nothing', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  ben.channel('x').on('message', () => {})()
  const sent = ann.channel('x').send(2, { ack: true, timeoutMs: 500, to: ben.self.id })
  await expect(sent).rejects.toMatchObject({ code: 'timeout' })
})

test('a peer that never opens a channel, and a reader that is stuck, stop nobody', async () => {
  const [ann, ben, cid] = (await gather(3)) as [Room, Room, Room]
  const counts = { unopened: 0, stuck: 0 }
  for (const label of ['unopened', 'stuck'] as const) {
    ben.channel(label).on('message', () => {
      counts[label] += 1
    })
  }
  const reader = cid.channel('stuck')[Symbol.asyncIterator]()
  const first = reader.next()
  const bytes = new Uint8Array(60_000)
  const outcomes: SendOutcome[] = []
  for (const label of ['unopened', 'stuck']) {
    for (let number = 0; number < 100; number += 1) {
      outcomes.push(await ann.channel<Uint8Array>(label).send(bytes, { timeoutMs: 1_000 }))
    }
  }
  await first
  expect(outcomes.every(({ reached }) => reached.includes(ben.self.id))).toBe(true)
  const codes = outcomes.map(({ failed }) => failed.get(cid.self.id))
  expect(new Set(codes.slice(0, 100))).toEqual(new Set([undefined]))
  expect(codes.at(-1)).toBe('timeout')
  for (const label of ['unopened', 'stuck']) {
    await ann.channel(label).send('last', { ack: true, to: ben.self.id })
  }
  expect(counts).toEqual({ unopened: 101, stuck: 101 })
})

test('bytes of another window arrive as what they are', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  const frame = document.body.appendChild(document.createElement('iframe'))
  const other = frame.contentWindow as unknown as typeof globalThis
  const received: unknown[] = []
  ben.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const channel = ann.channel<unknown>('x')
  for (const data of [
    new other.ArrayBuffer(3),
    new other.Blob(['abc']),
    new other.File(['abc'], 'a.txt'),
    new other.Uint8Array([1]),
  ]) {
    await channel.send(data, { ack: true })
  }
  await expect(channel.send(new other.Map())).rejects.toMatchObject({ code: 'bad-argument' })
  frame.remove()
  expect(received).toEqual([
    new ArrayBuffer(3),
    expect.any(Blob),
    expect.any(File),
    new Uint8Array([1]),
  ])
})

test('a channel that keeps the latest message delivers the newest one', async () => {
  const [ann, ben] = (await gather(2)) as [Room, Room]
  for (const [label, options] of Object.entries({
    reliable: {},
    unreliable: { maxRetransmits: 0 },
  })) {
    const newest = new Promise<void>((resolve) => {
      ben.channel(label).on('message', ({ data }) => {
        if (data === 999) resolve()
      })
    })
    const moves = ann.channel<number>(label, { ...options, keep: 'latest' })
    for (let number = 0; number < 1_000; number += 1) void moves.send(number)
    await newest
  }
})
