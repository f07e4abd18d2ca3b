import { expect, test } from 'vitest'
import { maxRoomNameBytes, proposeRoomName, roomNameProblem } from './room-name.ts'

test.each([
  ['en', /^[a-z]+-[a-z]+-[a-z]+$/],
  ['zh-CN', /^\p{Script=Han}+-\p{Script=Han}+-\p{Script=Han}+$/u],
] as const)('every name that is proposed in %s is valid', (locale, pattern) => {
  for (let round = 0; round < 200; round += 1) {
    expect(proposeRoomName(locale)).toMatch(pattern)
    expect(roomNameProblem(proposeRoomName(locale))).toBeNull()
  }
})

test('a name may use all bytes the protocol allows and no more', () => {
  expect(roomNameProblem('x'.repeat(maxRoomNameBytes))).toBeNull()
  expect(roomNameProblem('x'.repeat(maxRoomNameBytes + 2))).toContain('2 bytes')
  expect(roomNameProblem('门'.repeat(42))).toBeNull()
  expect(roomNameProblem('门'.repeat(43))).toContain('one byte')
})

test('empty names and control characters are rejected with an explanation', () => {
  expect(roomNameProblem('')).toMatch(/\.$/)
  expect(roomNameProblem('a\u0000b')).toMatch(/control/)
  expect(roomNameProblem('a\nb')).toMatch(/control/)
})

test('emoji, other scripts and unusual names are accepted', () => {
  for (const name of ['🪿🚪', 'غرفة', '../', '__proto__']) expect(roomNameProblem(name)).toBeNull()
})
