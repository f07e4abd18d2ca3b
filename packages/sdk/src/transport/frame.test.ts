import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, FrameWriter, lastFlag, startRecord } from './frame.ts'

const number = fc.maxSafeNat()
const record = fc.record({
  head: fc.nat(255),
  numbers: fc.array(number, { maxLength: 4 }),
  bytes: fc.uint8Array({ maxLength: 400 }),
})

interface Written {
  readonly head: number
  readonly numbers: readonly number[]
  readonly bytes: Uint8Array
}

const encode = (records: readonly Written[]) => {
  const writer = new FrameWriter()
  for (const { head, numbers, bytes } of records) {
    writer.record(head, ...numbers)
    writer.bytes(bytes)
  }
  return writer.finish()
}

test('a reader returns the records that were written', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const reader = new FrameReader(encode(records))
      for (const { head, numbers, bytes } of records) {
        expect(reader.byte()).toBe(head)
        for (const each of numbers) expect(reader.number()).toBe(each)
        expect([...reader.bytes()]).toEqual([...bytes])
      }
      expect(reader.isAtEnd).toBe(true)
    }),
  )
})

test('a writer starts a new frame after each `finish`', () => {
  const writer = new FrameWriter()
  writer.record(1, 2, 3)
  expect([...writer.finish()]).toEqual([1, 2, 3])
  writer.record(4)
  expect([...writer.finish()]).toEqual([4])
})

test('the overhead of a short message on a low channel number is five bytes', () => {
  const bytes = new Uint8Array(100)
  const frame = encode([{ head: startRecord | lastFlag, numbers: [1, 1, 0], bytes }])
  expect(frame.length).toBe(105)
})

test('reading random bytes always ends and never returns more bytes than the frame has', () => {
  const steps = fc.array(fc.constantFrom('byte', 'number', 'bytes'), { minLength: 400 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), steps, (bytes, names) => {
      const reader = new FrameReader(bytes)
      let total = 0
      const read = {
        byte: () => reader.byte(),
        number: () => expect(Number.isSafeInteger(reader.number())).toBe(true),
        bytes: () => {
          total += reader.bytes().length
        },
      }
      expect(() => names.map((name) => read[name]())).toThrow(RangeError)
      expect(total).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 2_000 },
  )
})

const malformed: readonly (readonly [string, readonly number[]])[] = [
  ['an empty frame', []],
  ['a truncated number', [128]],
  ['a number that never ends', new Array<number>(20).fill(255)],
  ['a number that is not a safe integer', [255, 255, 255, 255, 255, 255, 255, 127]],
  ['a length beyond the frame', [200, 1, 0]],
  ['a length of petabytes', [255, 255, 255, 255, 255, 255, 7, 0]],
]
for (const [what, bytes] of malformed) {
  test(`reading bytes from ${what} throws`, () => {
    const reader = new FrameReader(new Uint8Array(bytes))
    expect(() => reader.bytes()).toThrow(RangeError)
  })
}
