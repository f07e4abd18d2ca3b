import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePayload, encodePayload, maxHeadBytes } from './payload.ts'

const roundTrip = (data: unknown): unknown => {
  const { kind, head, body } = encodePayload(data)
  const parts = [body instanceof Blob ? body : new Uint8Array(body)]
  return decodePayload({ kind, head: head ?? new Uint8Array(0), parts })
}

test('any JSON value and any text survives a round trip', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // JSON cannot represent -0.
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

test('a Buffer arrives as a Uint8Array', () => {
  const decoded = roundTrip(Buffer.from('abc'))
  expect(Object.getPrototypeOf(decoded)).toBe(Uint8Array.prototype)
  expect(decoded).toEqual(new Uint8Array([97, 98, 99]))
})

test('a small buffer can be reused at once', () => {
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
  test(`${what} is rejected`, () => {
    expect(() => encodePayload(data)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  })
}

test('a circular reference is rejected', () => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  expect(() => encodePayload(circular)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
})

test('a text of more than 64 MiB is too large', () => {
  expect(() => encodePayload('x'.repeat(64 * 2 ** 20 + 1))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
})

test('a file with a name that does not fit in the head is rejected', () => {
  const file = new File([], 'n'.repeat(maxHeadBytes))
  expect(() => encodePayload(file)).toThrow(expect.objectContaining({ code: 'too-large' }))
})

test('content that does not match its kind throws an Error', () => {
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
