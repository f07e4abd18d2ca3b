import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePayload, encodePayload, maxHeadBytes } from './payload.ts'

const roundTrip = (data: unknown): unknown => {
  const { kind, head, body } = encodePayload(data)
  const parts = [body instanceof Blob ? body : new Uint8Array(body)]
  return decodePayload({ kind, head: head ?? new Uint8Array(0), parts })
}

test('any JSON value and any text come back as they were', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // JSON has no -0.
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect(roundTrip(plain)).toEqual(plain)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(roundTrip(text)).toBe(text)
    }),
  )
})

test('a Buffer arrives as the Uint8Array that it is', () => {
  const back = roundTrip(Buffer.from('abc'))
  expect(Object.getPrototypeOf(back)).toBe(Uint8Array.prototype)
  expect(back).toEqual(new Uint8Array([97, 98, 99]))
})

test('a small buffer may be used again at once', () => {
  const bytes = new Uint8Array([1, 2])
  const { body } = encodePayload(bytes)
  bytes.fill(0)
  expect(body).toEqual(new Uint8Array([1, 2]))
})

for (const [what, data] of [
  ['undefined', undefined],
  ['a function', () => {}],
  ['a BigInt', 1n],
] as const) {
  test(`${what} is no data`, () => {
    expect(() => encodePayload(data)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  })
}

test('a circle is no data', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(() => encodePayload(circle)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
})

test('a text of more than 64 MiB is too large', () => {
  expect(() => encodePayload('x'.repeat(64 * 2 ** 20 + 1))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
})

test('a file whose name fits in no head is refused', () => {
  const file = new File([], 'n'.repeat(maxHeadBytes))
  expect(() => encodePayload(file)).toThrow(expect.objectContaining({ code: 'too-large' }))
})

test('bytes that are not what their kind says throw, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.uint8Array({ maxLength: 50 }), (kind, bytes) => {
      try {
        decodePayload({ kind, head: bytes, parts: [bytes] })
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
    { numRuns: 2_000 },
  )
})
