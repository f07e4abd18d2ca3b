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

/** What the receiver reads, by each of the two ways; `null`: the splice was not taken. */
const bothWays = (text: string): { spliced: unknown; encoded: unknown } | null => {
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

/** Text that is hard to scan: quotes, backslashes, braces, and every sort of letter. */
const hardText = fc.oneof(
  fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'a', '\n', 'ä', '🪿'),
  }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('","data":', '\\"}', '{"type":"signal","to":"'),
)

test('the usual layout is spliced, and reads like what would have been encoded', () => {
  fc.assert(
    fc.property(hardText, (sdp) => {
      const ways = bothWays(`{"type":"signal","to":"${to}","data":${offer(sdp)}}`)
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

test('whatever the order, the spaces and the doubled fields: spliced is never other than encoded', () => {
  let taken = 0
  let seen = 0
  const usual = fc.constant(['"type":"signal"', `"to":"${to}"`, `"data":${candidate}`])
  const parts = fc.tuple(usual, fc.array(member, { maxLength: 3 }), fc.nat(3), space)
  fc.assert(
    fc.property(parts, ([start, extra, at, gap]) => {
      const members = [...start.slice(0, at), ...extra, ...start.slice(at)]
      const ways = bothWays(`{${members.join(`${gap},`)}${gap}}`)
      if (ways === null) return
      seen += 1
      if (ways.spliced === null) return
      taken += 1
      expect(ways.spliced).toEqual(ways.encoded)
    }),
    { numRuns: 5_000 },
  )
  // Both ways were really taken, or this would show nothing.
  expect(taken).toBeGreaterThan(100)
  expect(seen - taken).toBeGreaterThan(100)
})

test.each([
  ['more fields', `{"type":"signal","to":"${to}","data":${candidate},"x":1}`],
  ['doubled data', `{"type":"signal","to":"${to}","data":{},"data":${candidate}}`],
  ['spaces', `{"type":"signal", "to":"${to}","data":${candidate}}`],
  ['a space at the end', `{"type":"signal","to":"${to}","data":${candidate}} `],
  ['another order', `{"to":"${to}","type":"signal","data":${candidate}}`],
  ['an escape in to', `{"type":"signal","to":"\\u0074${to.slice(1)}","data":${candidate}}`],
])('a frame with %s is encoded anew', (_, text) => {
  const ways = bothWays(text)
  expect(ways).toMatchObject({ spliced: null, encoded: { type: 'signal', from } })
})

test('bytes beyond ASCII before and inside data are counted as bytes', () => {
  const text = `{"type":"signal","to":"ä🪿","data":${offer('ö')}}`
  const frame = spliceSignal({ bytes: Buffer.from(text), text, to: peerId('ä🪿'), from })
  expect(JSON.parse(frame === null ? '' : payloadOf(frame))).toEqual({
    type: 'signal',
    from,
    data: JSON.parse(offer('ö')),
  })
})
