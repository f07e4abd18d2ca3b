import { decodeClient, encode, peerId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spliceSignal } from './splice-signal.ts'

const from = peerId('fromfromfromfromfromff')
const to = peerId('totototototototototott')

const payloadOf = (frame: Buffer): string => {
  const short = (frame[1] ?? 0) < 126
  return frame.toString('utf8', short ? 2 : 4)
}

/** What the receiver reads when the frame is spliced and when it is encoded. */
const spliceAndEncode = (text: string): { spliced: unknown; encoded: unknown } | null => {
  const decoded = decodeClient(text)
  if (!decoded.ok || decoded.value.type !== 'signal') return null
  const message = decoded.value
  const frame = spliceSignal({ bytes: Buffer.from(text), text, to: message.to, from })
  return {
    spliced: frame === null ? null : JSON.parse(payloadOf(frame)),
    encoded: JSON.parse(encode({ type: 'signal', from, data: message.data })),
  }
}

const link = { local: 'l', remote: null }
const candidate = JSON.stringify({ link, type: 'candidate', candidate: null })
const offer = (sdp: string): string =>
  JSON.stringify({ link, type: 'description', description: { type: 'offer', sdp } })

/** Text that is hard to scan: quotes, backslashes, braces and all kinds of characters. */
const hardText = fc.oneof(
  fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'a', '\n', 'ä', '🪿'),
  }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('","data":', '\\"}', '{"type":"signal","to":"'),
)

test('the usual layout is spliced, with the same result as encoding', () => {
  fc.assert(
    fc.property(hardText, (sdp) => {
      const ways = spliceAndEncode(`{"type":"signal","to":"${to}","data":${offer(sdp)}}`)
      expect(ways?.spliced).toEqual(ways?.encoded)
      expect(ways?.spliced).not.toBeNull()
    }),
    { numRuns: 2_000 },
  )
})

/** A member of an object, as text. */
const member = fc.oneof(
  fc.constantFrom(
    '"type":"signal"',
    `"to":"${to}"`,
    `"data":${candidate}`,
    `"from":"forged"`,
    `"data":${candidate.replace('"l"', '"other"')}`,
    '"data":{"from":"forged"}',
    '"data":null',
    '"__proto__":{"data":1}',
    '"d\\u0061ta":{}',
    '"x":"}"',
  ),
  fc.tuple(hardText, fc.json()).map(([name, value]) => `${JSON.stringify(name)}:${value}`),
  hardText.map((sdp) => `"data":${offer(sdp)}`),
)
const space = fc.constantFrom('', '', '', ' ', '\n')

test('with any field order, whitespace or duplicates, a spliced frame equals the encoded one', () => {
  let spliced = 0
  let seen = 0
  const usual = fc.constant(['"type":"signal"', `"to":"${to}"`, `"data":${candidate}`])
  const parts = fc.tuple(usual, fc.array(member, { maxLength: 3 }), fc.nat(3), space)
  fc.assert(
    fc.property(parts, ([start, extra, at, gap]) => {
      const members = [...start.slice(0, at), ...extra, ...start.slice(at)]
      const ways = spliceAndEncode(`{${members.join(`${gap},`)}${gap}}`)
      if (ways === null) return
      seen += 1
      if (ways.spliced === null) return
      spliced += 1
      expect(ways.spliced).toEqual(ways.encoded)
    }),
    { numRuns: 5_000 },
  )
  // Both paths must occur, or the test proves nothing.
  expect(spliced).toBeGreaterThan(100)
  expect(seen - spliced).toBeGreaterThan(100)
})

test.each([
  ['additional fields', `{"type":"signal","to":"${to}","data":${candidate},"x":1}`],
  ['duplicate data', `{"type":"signal","to":"${to}","data":{},"data":${candidate}}`],
  ['whitespace', `{"type":"signal", "to":"${to}","data":${candidate}}`],
  ['a space at the end', `{"type":"signal","to":"${to}","data":${candidate}} `],
  ['another order', `{"to":"${to}","type":"signal","data":${candidate}}`],
  ['an escape in to', `{"type":"signal","to":"\\u0074${to.slice(1)}","data":${candidate}}`],
])('a frame with %s is encoded again', (_, text) => {
  const ways = spliceAndEncode(text)
  expect(ways).toMatchObject({ spliced: null, encoded: { type: 'signal', from } })
})

test('non-ASCII text before and inside data is counted in bytes', () => {
  const text = `{"type":"signal","to":"ä🪿","data":${offer('ö')}}`
  const frame = spliceSignal({ bytes: Buffer.from(text), text, to: peerId('ä🪿'), from })
  expect(JSON.parse(frame === null ? '' : payloadOf(frame))).toEqual({
    type: 'signal',
    from,
    data: JSON.parse(offer('ö')),
  })
})
