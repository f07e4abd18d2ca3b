import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, FrameWriter, recordTypes } from './frame.ts'

const number = fc.maxSafeNat()
const counts = [5, 1, 2, 1, 3, 1]
const withBytes: readonly number[] = [recordTypes.channel, recordTypes.more, recordTypes.start]
const record = fc.nat(5).chain((type) =>
  fc.record({
    head: fc.nat(15).map((flags) => type | (flags << 4)),
    numbers: fc.array(number, { minLength: counts[type] ?? 0, maxLength: counts[type] ?? 0 }),
    bytes: withBytes.includes(type) ? fc.uint8Array({ maxLength: 400 }) : fc.constant(null),
  }),
)

interface Written {
  readonly head: number
  readonly numbers: readonly number[]
  readonly bytes: Uint8Array | null
}

const encode = (records: readonly Written[]) => {
  const writer = new FrameWriter()
  for (const { head, numbers, bytes } of records) writer.write(head, numbers, bytes ?? undefined)
  return writer.finish()
}

test('records come out of a frame as they went in', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const read = decodeFrame(encode(records))
      expect(
        read?.map(({ head, numbers, bytes }) => ({ head, numbers, bytes: [...bytes] })),
      ).toEqual(records.map((each) => ({ ...each, bytes: [...(each.bytes ?? [])] })))
    }),
  )
})

test('a record of a short message on a low channel costs five bytes', () => {
  const bytes = new Uint8Array(100)
  const frame = encode([{ head: recordTypes.start | 16, numbers: [1, 1, 0], bytes }])
  expect(frame.length).toBe(105)
})

test('whatever the bytes, decoding ends, throws nothing and makes nothing longer than they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const records = decodeFrame(bytes)
      const total = records?.reduce((sum, each) => sum + each.bytes.length, 0) ?? 0
      expect(total).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 5_000 },
  )
})

const malformed: readonly (readonly [string, readonly number[]])[] = [
  ['an unknown type', [15]],
  ['a number that ends too soon', [recordTypes.drop, 128]],
  ['a number that never ends', [recordTypes.drop, ...new Array<number>(20).fill(255)]],
  ['a number beyond what is exact', [recordTypes.drop, 255, 255, 255, 255, 255, 255, 255, 127]],
  ['a length beyond the frame', [recordTypes.start, 1, 1, 0, 200, 1, 0]],
  ['a length of petabytes', [recordTypes.start, 1, 1, 0, 255, 255, 255, 255, 255, 255, 7, 0]],
  ['a head alone', [recordTypes.hello]],
]
for (const [what, bytes] of malformed) {
  test(`${what} makes the frame malformed`, () => {
    expect(decodeFrame(new Uint8Array(bytes))).toBe(null)
  })
}
