import { afterEach, expect, test } from 'vitest'
import type { ChannelMessage, Room } from '../api.ts'
import { enterTogether, leaveAll } from '../room/rooms.testing.ts'

afterEach(leaveAll)

const pair = async (): Promise<[Room, Room]> => {
  const [ann, ben] = await enterTogether(2)
  if (!ann || !ben) throw new Error('expected two rooms')
  return [ann, ben]
}

const next = <Data>(room: Room, label: string): Promise<ChannelMessage<Data>> =>
  new Promise((resolve) => {
    const stop = new AbortController()
    const onMessage = (message: ChannelMessage<Data>) => {
      stop.abort()
      resolve(message)
    }
    room.channel<Data>(label).on('message', onMessage, { signal: stop.signal })
  })

const values: readonly (readonly [string, unknown])[] = [
  ['a text', 'grüße 🦢'],
  ['an empty text', ''],
  ['an object', { a: [1, null, 'x'], b: { c: true } }],
  ['null', null],
  ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
  ['an empty ArrayBuffer', new ArrayBuffer(0)],
  ['a DataView', new DataView(new Uint8Array([9, 8]).buffer)],
  ['an Int8Array', new Int8Array([-1, 1])],
  ['a Uint8ClampedArray', new Uint8ClampedArray([0, 255])],
  ['a Uint16Array of a part of a buffer', new Uint16Array(new ArrayBuffer(8), 2, 2)],
  ['a Float32Array', new Float32Array([0.5])],
  ['a Float64Array', new Float64Array([Math.PI])],
  ['a BigInt64Array', new BigInt64Array([-5n])],
]

for (const [what, data] of values) {
  test(`${what} arrives unchanged`, async () => {
    const [ann, ben] = await pair()
    const received = next(ben, 'kinds')
    await ann.channel<unknown>('kinds').send(data)
    const message = await received
    expect(message.data).toEqual(data)
    expect(Object.prototype.toString.call(message.data)).toBe(Object.prototype.toString.call(data))
    expect(message).toMatchObject({ from: ann.self.id, term: ann.term })
  })
}

test('a Blob and a File arrive with their type, name and date', async () => {
  const [ann, ben] = await pair()
  const bytes = crypto.getRandomValues(new Uint8Array(60_000))
  const parts = Array.from({ length: 20 }, () => bytes)
  const file = new File(parts, 'a "name".bin', { type: 'application/x-test', lastModified: 1234 })
  const blobs = next<Blob>(ben, 'blob')
  await ann.channel<Blob>('blob').send(new Blob(parts, { type: 'image/x' }))
  const blob = (await blobs).data
  expect([blob.size, blob.type]).toEqual([1_200_000, 'image/x'])
  const files = next<File>(ben, 'file')
  await ann.channel<Blob>('file').send(file)
  const { data } = await files
  expect(data).toBeInstanceOf(File)
  expect([data.name, data.type, data.lastModified]).toEqual([file.name, file.type, 1234])
  expect(new Uint8Array(await data.arrayBuffer())).toEqual(new Uint8Array(await file.arrayBuffer()))
  const empty = next<Blob>(ben, 'empty')
  await ann.channel<Blob>('empty').send(new Blob([]))
  expect((await empty).data.size).toBe(0)
})

test('8 MiB arrive complete, and a small message on another channel overtakes them', async () => {
  const [ann, ben] = await pair()
  const bytes = new Uint8Array(8 * 1024 * 1024)
  for (let at = 0; at < bytes.length; at += 4096) bytes[at] = at / 4096
  const order: string[] = []
  const big = next<Uint8Array>(ben, 'big')
  const small = next<string>(ben, 'small')
  const sent = ann.channel<Uint8Array>('big').send(bytes)
  await ann.channel('warm').send('the link is open')
  await ann.channel('small').send('quick')
  await Promise.all([
    small.then(() => order.push('small')),
    big.then(() => order.push('big')),
    sent,
  ])
  expect(order).toEqual(['small', 'big'])
  expect((await big).data).toEqual(bytes)
})

test('with ack, a send resolves when the other application has handled the message', async () => {
  const [ann, ben] = await pair()
  const done: string[] = []
  const sent = ann
    .channel('work')
    .send('do', { ack: true })
    .then(() => done.push('acknowledged'))
  await ann.channel('other').send('this one needs no reader')
  expect(done).toEqual([])
  ben.channel('work').on('message', () => done.push('handled'))
  await sent
  expect(done).toEqual(['handled', 'acknowledged'])
})

test('an unreliable channel delivers messages that fit in a frame and larger ones', async () => {
  const [ann, ben] = await pair()
  const received = next(ben, 'moves')
  const moves = ann.channel<{ x: number }>('moves', { ordered: false, maxRetransmits: 0 })
  await moves.send({ x: 4 })
  expect((await received).data).toEqual({ x: 4 })
  // A message that does not fit in one frame uses the main frame channel.
  const large = next<Uint8Array>(ben, 'moves')
  await moves.send(new Uint8Array(100_000) as never)
  expect((await large).data.length).toBe(100_000)
})

test('a message larger than the other side accepts is rejected by the sender', async () => {
  const [ann, ben] = (await enterTogether(2, { maxMessageBytes: 1000 })) as [Room, Room]
  const to = ben.self.id
  await expect(ann.channel('x').send('y'.repeat(1001), { to })).rejects.toMatchObject({
    code: 'too-large',
  })
  await ann.channel('x').send('y'.repeat(1000), { to })
})

test('a send to an unknown peer rejects and lists the peers that it did not reach', async () => {
  const [ann, ben] = await pair()
  const unknown = 'unknown' as typeof ben.self.id
  const error = await ann
    .channel('x')
    .send(1, { to: [ben.self.id, unknown] })
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'peer-not-found', cause: { reached: [ben.self.id] } })
  expect((error as { cause: { failed: Map<string, string> } }).cause.failed.get(unknown)).toBe(
    'peer-not-found',
  )
})

test('only the host sends on a hostOnly channel', async () => {
  const [ann, ben] = await pair()
  const received = new Promise<ChannelMessage<unknown>>((resolve) => {
    ben.channel('state', { hostOnly: true }).on('message', resolve)
  })
  await expect(ben.channel('state').send(0)).rejects.toMatchObject({ code: 'not-host' })
  await ann.channel('state', { hostOnly: true }).send(1)
  expect((await received).data).toBe(1)
})
