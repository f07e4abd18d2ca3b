import { createRoom, type Room } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { commitBaseOf, type StoredState } from './redis-commit-base.ts'
import type { RoomVersion } from './store.ts'

const policy = { memberGraceMs: 1, hostGraceMs: 1, maxMembers: 1, rebuildMs: 1, tokenRenewMs: 1 }
const roomAt = (revision: number): Room => ({
  ...createRoom({ name: 'r', epoch: 1, policy, recoverUntil: null, keepUntil: null }),
  revision,
})

const known = (version: number, store = 'one'): RoomVersion => ({
  version,
  store,
  room: roomAt(version),
})

const found = (version: number, change: Partial<StoredState> = {}): StoredState => ({
  identity: 'one',
  now: 1_000,
  version,
  store: 'one',
  epoch: 1,
  room: roomAt(version),
  isBroken: false,
  ...change,
})

const now = 5_000_000

test('what is known is thought to be there, and nothing more is asked of the store', () => {
  const basis = commitBaseOf({ known: known(7), found: null, identity: 'one', now })
  expect(basis).toMatchObject({ foundVersion: 7, foundStore: 'one', version: 7, nextVersion: 8 })
  expect(basis.room?.revision).toBe(7)
  expect(basis.isReplaced).toBe(false)
})

test('what another node wrote is what a change starts from', () => {
  const basis = commitBaseOf({ known: known(7), found: found(9), identity: 'one', now })
  expect(basis).toMatchObject({
    version: 9,
    nextVersion: 10,
    isReplaced: false,
    lastKnownRoom: null,
  })
})

test('of a store that was replaced the newer goes on: what it has, or what is remembered', () => {
  const old = found(9, { identity: 'two' })
  const common = { identity: 'two', now }
  expect(commitBaseOf({ known: known(7), found: old, ...common }).room?.revision).toBe(9)
  const remembered = commitBaseOf({ known: known(12), found: old, ...common })
  expect(remembered).toMatchObject({ isReplaced: true, foundVersion: 9, foundStore: 'one' })
  expect(remembered.room?.revision).toBe(12)
  expect(remembered.nextVersion).toBeGreaterThan(1_000_000)
})

test('a store that has nothing gets the room that is remembered', () => {
  const nothing = found(0, { identity: 'two', store: '', epoch: 0, room: null })
  const basis = commitBaseOf({ known: known(7), found: nothing, identity: 'two', now })
  expect(basis).toMatchObject({ isReplaced: true, foundVersion: 0, foundStore: '' })
  expect(basis.room?.revision).toBe(7)
})

test('where another node was first, what is remembered is a lastKnownRoom', () => {
  const basis = commitBaseOf({
    known: known(7),
    found: found(5_000_001, { identity: 'two', store: 'two' }),
    identity: 'two',
    now,
  })
  expect(basis.isReplaced).toBe(false)
  expect(basis.room?.revision).toBe(5_000_001)
  expect(basis.lastKnownRoom?.revision).toBe(7)
})

test('a room that ended has ended, whatever is remembered of it', () => {
  const ended = found(9, { room: null })
  expect(commitBaseOf({ known: known(7), found: ended, identity: 'one', now })).toMatchObject({
    room: null,
    isReplaced: false,
    nextVersion: 10,
  })
})

test('of two failovers the later comes to the higher version', () => {
  const first = commitBaseOf({ known: known(7), found: null, identity: 'two', now })
  const second = commitBaseOf({ known: known(7), found: null, identity: 'three', now: now + 10 })
  expect(second.nextVersion).toBeGreaterThan(first.nextVersion + 1_000)
})

test('what nobody can read is replaced by what is remembered', () => {
  const broken = found(3, { room: null, isBroken: true })
  const basis = commitBaseOf({ known: known(7), found: broken, identity: 'one', now })
  expect(basis.room?.revision).toBe(7)
  expect(commitBaseOf({ known: null, found: broken, identity: 'one', now }).room).toBeNull()
})
