import { createRoom, type Room } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { commitBaseOf, type StoredState } from './redis-commit-base.ts'
import type { RoomVersion } from './store.ts'

const policy = {
  memberGraceMs: 1,
  hostGraceMs: 1,
  reloadGraceMs: 3_000,
  maxMembers: 1,
  rebuildMs: 1,
  rebuildMinMs: 0,
  tokenRenewMs: 1,
}
const roomAt = (revision: number): Room => ({
  ...createRoom({ name: 'r', epoch: 1, policy, recoverUntil: null, keepUntil: null }),
  revision,
})

const knownAt = (version: number, store = 'one'): RoomVersion => ({
  version,
  store,
  room: roomAt(version),
})

const storedAt = (version: number, change: Partial<StoredState> = {}): StoredState => ({
  identity: 'one',
  now: 1_000,
  version,
  store: 'one',
  epoch: 1,
  room: roomAt(version),
  isUnreadable: false,
  ...change,
})

const now = 5_000_000

test('the first attempt assumes that the store holds the last known version', () => {
  const base = commitBaseOf({ known: knownAt(7), stored: null, identity: 'one', now })
  expect(base).toMatchObject({
    expectedVersion: 7,
    expectedStore: 'one',
    version: 7,
    nextVersion: 8,
  })
  expect(base.room?.revision).toBe(7)
  expect(base.isReplaced).toBe(false)
})

test('a change starts from the room that another node has committed', () => {
  const base = commitBaseOf({ known: knownAt(7), stored: storedAt(9), identity: 'one', now })
  expect(base).toMatchObject({
    version: 9,
    nextVersion: 10,
    isReplaced: false,
    lastKnownRoom: null,
  })
})

test('after a store is replaced, the newer of the stored and the last known room is used', () => {
  const old = storedAt(9, { identity: 'two' })
  const common = { identity: 'two', now }
  expect(commitBaseOf({ known: knownAt(7), stored: old, ...common }).room?.revision).toBe(9)
  const remembered = commitBaseOf({ known: knownAt(12), stored: old, ...common })
  expect(remembered).toMatchObject({ isReplaced: true, expectedVersion: 9, expectedStore: 'one' })
  expect(remembered.room?.revision).toBe(12)
  expect(remembered.nextVersion).toBeGreaterThan(1_000_000)
})

test('a room is restored from the last known version when the store is empty', () => {
  const empty = storedAt(0, { identity: 'two', store: '', epoch: 0, room: null })
  const base = commitBaseOf({ known: knownAt(7), stored: empty, identity: 'two', now })
  expect(base).toMatchObject({ isReplaced: true, expectedVersion: 0, expectedStore: '' })
  expect(base.room?.revision).toBe(7)
})

test('when another node recovered the room first, the last known room is passed to the change', () => {
  const base = commitBaseOf({
    known: knownAt(7),
    stored: storedAt(5_000_001, { identity: 'two', store: 'two' }),
    identity: 'two',
    now,
  })
  expect(base.isReplaced).toBe(false)
  expect(base.room?.revision).toBe(5_000_001)
  expect(base.lastKnownRoom?.revision).toBe(7)
})

test('a room that ended is not restored from the last known version', () => {
  const ended = storedAt(9, { room: null })
  expect(commitBaseOf({ known: knownAt(7), stored: ended, identity: 'one', now })).toMatchObject({
    room: null,
    isReplaced: false,
    nextVersion: 10,
  })
})

test('the later of two failovers gets the higher version', () => {
  const first = commitBaseOf({ known: knownAt(7), stored: null, identity: 'two', now })
  const second = commitBaseOf({ known: knownAt(7), stored: null, identity: 'three', now: now + 10 })
  expect(second.nextVersion).toBeGreaterThan(first.nextVersion + 1_000)
})

test('an unreadable room is replaced by the last known version', () => {
  const unreadable = storedAt(3, { room: null, isUnreadable: true })
  const base = commitBaseOf({ known: knownAt(7), stored: unreadable, identity: 'one', now })
  expect(base.room?.revision).toBe(7)
  expect(commitBaseOf({ known: null, stored: unreadable, identity: 'one', now }).room).toBeNull()
})
