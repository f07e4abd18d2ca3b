import { peerId } from '@skein/protocol'
import type { ResumeClaims } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { resumeTokens } from './resume-tokens.ts'

const claims: ResumeClaims = {
  room: 'blaue Tür 🚪',
  epoch: 1_700_000_000_000,
  id: peerId('a'),
  joinOrder: 3,
  tokenSerial: 7,
  term: 2,
  host: peerId('b'),
  sub: 'u-7',
  online: 4,
}
const tokens = resumeTokens({ secret: 'north', boot: () => 'first', lifeMs: 1_000 })

test('a verified token returns its claims and the life that signed it', () => {
  const token = tokens.sign(claims, 0)
  expect(tokens.verify(token, 999)).toEqual({ claims, boot: 'first' })
  const hostless = { ...claims, host: null }
  expect(tokens.verify(tokens.sign(hostless, 0), 0)?.claims).toEqual(hostless)
})

test('a token names the kicked members, at most the latest 16', () => {
  const ids = Array.from({ length: 40 }, (_, index) => peerId(`kicked ${index}`))
  const withKicked = (kicked: unknown) => {
    const token = tokens.sign(Object.assign({}, claims, { kicked }), 0)
    return tokens.verify(token, 0)?.claims
  }
  expect(withKicked(ids.slice(0, 3))).toEqual({ ...claims, kicked: ids.slice(0, 3) })
  expect(withKicked(ids)).toEqual({ ...claims, kicked: ids.slice(-16) })
  // Such as a later version could sign.
  for (const other of [[], null, 'all', { 0: 'a' }, [7, null]]) {
    expect(withKicked(other)).toEqual(claims)
  }
})

test('a token remains valid after a restart with the same secret', () => {
  const next = resumeTokens({ secret: 'north', boot: () => 'second', lifeMs: 1_000 })
  expect(next.verify(tokens.sign(claims, 0), 0)).toEqual({ claims, boot: 'first' })
})

test('a token expires after its lifetime', () => {
  expect(tokens.verify(tokens.sign(claims, 0), 1_000)).toBeNull()
})

test('a token signed with another secret is rejected', () => {
  const foreign = resumeTokens({ secret: 'south', boot: () => 'first', lifeMs: 1_000 })
  expect(tokens.verify(foreign.sign(claims, 0), 0)).toBeNull()
})

test('a token with any single character changed is rejected', () => {
  const token = tokens.sign(claims, 0)
  for (let index = 0; index < token.length - 1; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, index) + other + token.slice(index + 1)
    expect(tokens.verify(changed, 0)).toBeNull()
  }
})

test.each(['', '.', 'a.b', 'a.b.c', '..', '💥', 'x'.repeat(60_000)])(
  'the string "%.20s" is not a valid token',
  (text) => {
    expect(tokens.verify(text, 0)).toBeNull()
  },
)
