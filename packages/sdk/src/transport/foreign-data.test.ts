import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import { encodePayload } from './payload.ts'

afterEach(() => vi.unstubAllGlobals())

const pair = async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  await clock.advance(1_000)
  const received: unknown[] = []
  ben.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const errors: string[] = []
  ben.on('error', ({ error }) => errors.push(error.message))
  const send = async (data: unknown) => {
    const sent = ann.channel<unknown>('x').send(data)
    await clock.advance(1_000)
    await sent
  }
  return { ann, ben, received, errors, send }
}

test('bytes of another window arrive as what they are', async () => {
  const { received, send } = await pair()
  const buffer = runInNewContext('new Uint8Array([1, 2, 3]).buffer')
  expect(buffer instanceof ArrayBuffer).toBe(false)
  await send(buffer)
  await send(runInNewContext('new Float32Array([1.5])'))
  expect(received).toEqual([new Uint8Array([1, 2, 3]).buffer, new Float32Array([1.5])])
})

test('Blobs and Files of another window arrive as what they are', () => {
  const blob = new Blob(['abc'], { type: 'text/x' })
  const file = new File(['abc'], 'a.txt', { type: 'text/y', lastModified: 7 })
  // What this window calls a Blob is another class from here on.
  class OwnBlob extends Blob {}
  vi.stubGlobal('Blob', OwnBlob)
  vi.stubGlobal('File', class extends File {})
  expect(blob).not.toBeInstanceOf(globalThis.Blob)
  const encoded = [encodePayload(blob), encodePayload(file)]
  expect(encoded.map(({ kind, size }) => [kind, size])).toEqual([
    [2, 3],
    [3, 3],
  ])
  const heads = encoded.map(({ head }) => JSON.parse(new TextDecoder().decode(head ?? undefined)))
  expect(heads).toEqual([{ type: 'text/x' }, { type: 'text/y', name: 'a.txt', lastModified: 7 }])
  for (const { body } of encoded) expect(body).toBeInstanceOf(OwnBlob)
})

const refused: readonly (readonly [string, unknown])[] = [
  ['a SharedArrayBuffer', new SharedArrayBuffer(4)],
  ['a Map', new Map([[1, 2]])],
  ['a Set', new Set([1])],
  ['an Error', new Error('x')],
  ['an Error of another window', runInNewContext('new TypeError("x")')],
  ['a Promise', Promise.resolve()],
  ['a function', () => 1],
]

for (const [what, data] of refused) {
  test(`${what} is refused with bad-argument`, () => {
    expect(() => encodePayload(data)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  })
}

test('objects and arrays of another window, a Date and a class instance are still JSON', () => {
  class Point {
    x = 1
  }
  const all = [runInNewContext('({ a: [1] })'), runInNewContext('[1]'), new Date(0), new Point()]
  expect(all.map((data) => encodePayload(data).kind)).toEqual([1, 1, 1, 1])
})

test('text with a lone surrogate arrives as it was', async () => {
  const { received, send } = await pair()
  await send('a\ud800b')
  await send({ text: '\udc00' })
  await send('😀')
  expect(received).toEqual(['a\ud800b', { text: '\udc00' }, '😀'])
})

test('a label with a lone surrogate is a bad argument', async () => {
  const { ann } = await pair()
  const bad = expect.objectContaining({ code: 'bad-argument' })
  expect(() => ann.channel('x\ud800')).toThrow(bad)
  expect(ann.channel('😀').label).toBe('😀')
})

test('a typed array that this engine lacks arrives as its bytes, and an error event says so once', async () => {
  const { ann, ben, received, errors, send } = await pair()
  vi.stubGlobal('Float64Array', undefined)
  await send(new Float32Array([1]))
  // The sender's engine has it.
  class Foreign extends Uint16Array {
    override get [Symbol.toStringTag](): 'Uint16Array' {
      return 'Float64Array' as 'Uint16Array'
    }
  }
  await send(new Foreign([1, 2]))
  await send(new Foreign([3]))
  expect(received).toEqual([
    new Float32Array([1]),
    new Uint8Array([1, 0, 2, 0]),
    new Uint8Array([3, 0]),
  ])
  expect(errors).toEqual([expect.stringContaining('Float64Array')])
  expect(ben.peers.get(ann.self.id)?.link?.state).toBe('open')
})
