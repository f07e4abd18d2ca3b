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

test('a token gives back what was signed and who signed it', () => {
  const token = tokens.sign(claims, 0)
  expect(tokens.verify(token, 999)).toEqual({ claims, boot: 'first' })
  const hostless = { ...claims, host: null }
  expect(tokens.verify(tokens.sign(hostless, 0), 0)?.claims).toEqual(hostless)
})

test('the next life of a server with the same secret reads the tokens of the one before', () => {
  const next = resumeTokens({ secret: 'north', boot: () => 'second', lifeMs: 1_000 })
  expect(next.verify(tokens.sign(claims, 0), 0)).toEqual({ claims, boot: 'first' })
})

test('a token is expired when its life is over', () => {
  expect(tokens.verify(tokens.sign(claims, 0), 1_000)).toBeNull()
})

test('a token of another secret is refused', () => {
  const foreign = resumeTokens({ secret: 'south', boot: () => 'first', lifeMs: 1_000 })
  expect(tokens.verify(foreign.sign(claims, 0), 0)).toBeNull()
})

test('a token with any single character changed is refused', () => {
  const token = tokens.sign(claims, 0)
  for (let index = 0; index < token.length - 1; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, index) + other + token.slice(index + 1)
    expect(tokens.verify(changed, 0)).toBeNull()
  }
})

test.each(['', '.', 'a.b', 'a.b.c', '..', '💥', 'x'.repeat(60_000)])(
  'the text "%.20s" is no token',
  (text) => {
    expect(tokens.verify(text, 0)).toBeNull()
  },
)
