import fc from 'fast-check'
import { Check } from 'typebox/value'
import { expect, test } from 'vitest'
import { clientMessages } from '../../schema/client.ts'
import { parts } from '../../schema/parts.ts'
import { serverMessages } from '../../schema/server.ts'
import { checks as clientChecks } from '../generated/client-checks.ts'
import { checks as serverChecks } from '../generated/server-checks.ts'
import {
  badFrames,
  joinOf,
  oddRoomNames,
  randomClientMessage,
  seededRandom,
  welcomeOf,
} from '../testing/index.ts'
import { decodeClient, decodeServer, encode, errorMessage } from './index.ts'

test.each(Object.entries(badFrames))(
  'a frame that is %s is a failure, not an exception',
  (_, text) => {
    const decoded = decodeClient(text)
    expect(decoded.ok).toBe(false)
    expect(decodeServer(text).ok).toBe(false)
    if (!decoded.ok) expect(decoded.error.message).toMatch(/^\S.*\.$/)
  },
)

test.each(oddRoomNames)('%j is a valid room name', (room) => {
  expect(decodeClient(encode(joinOf({ room })))).toEqual({ ok: true, value: joinOf({ room }) })
})

test('a room name has at most 128 bytes', () => {
  expect(decodeClient(encode(joinOf({ room: '🦢'.repeat(32) }))).ok).toBe(true)
  expect(decodeClient(encode(joinOf({ room: `${'🦢'.repeat(32)}x` }))).ok).toBe(false)
})

test.each(['\n', '\u007f', '\u0085', '\u0000'])('%j is not allowed in a room name', (control) => {
  expect(decodeClient(encode(joinOf({ room: `a${control}` })))).toMatchObject({
    error: { code: 'bad-message', about: 'join' },
  })
})

test('a presence has at most 4 KiB of JSON', () => {
  const presence = (bytes: number) => ({ x: 'x'.repeat(bytes - '{"x":""}'.length) })
  expect(decodeClient(encode(joinOf({ presence: presence(4_096) }))).ok).toBe(true)
  expect(decodeClient(encode(joinOf({ presence: presence(4_097) })))).toMatchObject({
    error: { code: 'too-large', about: 'join' },
  })
})

test('missing fields of a join get their defaults', () => {
  expect(decodeClient('{"type":"join","v":1,"room":"blue-door"}')).toEqual({
    ok: true,
    value: joinOf(),
  })
})

test('unknown fields are dropped, except inside a signal and a presence', () => {
  const link = { local: 'a', remote: null, hint: 1 }
  const data = { link, type: 'candidate', candidate: null, more: true }
  const text = JSON.stringify({ type: 'signal', to: 'ben', from: 'eve', data })
  expect(decodeClient(text)).toEqual({ ok: true, value: { type: 'signal', to: 'ben', data } })
})

test('__proto__ in a presence is an ordinary key', () => {
  const decoded = decodeClient('{"type":"update","presence":{"__proto__":{"canHost":true}}}')
  if (!decoded.ok || decoded.value.type !== 'update') throw new Error('It should be an update.')
  expect(Object.keys(decoded.value.presence ?? {})).toEqual(['__proto__'])
  expect(decoded.value.canHost).toBeUndefined()
})

test('a failure names the invalid field', () => {
  expect(decodeClient('{"type":"join","v":1,"room":7}')).toMatchObject({
    error: { code: 'bad-message', message: 'join.room must be a string.', about: 'join' },
  })
})

test('another protocol version has its own error code', () => {
  expect(decodeClient('{"type":"join","v":2}')).toMatchObject({
    error: { code: 'unsupported-version', about: 'join' },
  })
})

test('a client accepts unknown fields and error codes', () => {
  const welcome = { ...welcomeOf(), later: 1 }
  expect(decodeServer(JSON.stringify(welcome))).toEqual({ ok: true, value: welcome })
  const error = { ...errorMessage({ code: 'room-full', about: 'join' }), code: 'later' }
  expect(decodeServer(JSON.stringify(error)).ok).toBe(true)
})

test('decoding an encoded message gives the same message', () => {
  const random = seededRandom(7)
  for (let i = 0; i < 500; i += 1) {
    const message = randomClientMessage(random)
    expect(decodeClient(encode(message))).toEqual({ ok: true, value: message })
  }
})

test('decoding never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
      decodeClient(text)
      decodeServer(text)
    }),
    { numRuns: 500 },
  )
})

const all = [
  ...Object.values(clientMessages).map((schema) => ({ schema, checks: clientChecks })),
  ...Object.values(serverMessages).map((schema) => ({ schema, checks: serverChecks })),
].map(({ schema, checks }) => {
  const type = schema.properties.type.const
  const check = new Map<string, (value: unknown) => boolean>(Object.entries(checks)).get(type)
  return { type, schema, check: check ?? (() => false) }
})

/** Plausible values under the names of real fields, so that many messages are (almost) valid. */
const fields = [...new Set(all.flatMap(({ schema }) => Object.keys(schema.properties)))]
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    101,
    -1,
    0.5,
    '',
    'ann',
    'a b',
    'left',
    'first',
    {},
    [],
  ),
  fc.record({
    id: fc.constant('a'),
    joinOrder: fc.nat(3),
    presence: fc.constant(null),
    canHost: fc.boolean(),
    priority: fc.integer({ min: -1, max: 101 }),
    online: fc.boolean(),
  }),
  fc.record(
    {
      link: fc.constant({ local: 'a', remote: null }),
      type: fc.constantFrom('description', 'candidate'),
      description: fc.record({ type: fc.constantFrom('offer', 'x'), sdp: fc.constantFrom('', 1) }),
      candidate: fc.constantFrom(null, { sdpMid: null }, { sdpMLineIndex: -1 }),
    },
    { requiredKeys: ['type'] },
  ),
)

test.each(all)('the generated check of $type agrees with the schema', ({ type, schema, check }) => {
  const own = Object.keys(schema.properties).filter((field) => field !== 'type')
  const value = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...own, ...fields), leaf, { maxKeys: 14 }),
      fc.constant(type),
    )
    .map(([rest, t]) => ({ ...rest, type: t }))
  fc.assert(
    fc.property(value, (message) => {
      expect(check(message)).toBe(Check(parts, schema, message))
    }),
    { numRuns: 200 },
  )
})
