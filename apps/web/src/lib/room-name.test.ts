import { expect, test } from 'vitest'
import { maxRoomNameBytes, proposeRoomName, roomNameProblem } from './room-name.ts'

test('every proposed name is valid', () => {
  for (let round = 0; round < 200; round += 1) {
    expect(proposeRoomName()).toMatch(/^[a-z]+-[a-z]+-[a-z]+$/)
    expect(roomNameProblem(proposeRoomName())).toBeNull()
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
