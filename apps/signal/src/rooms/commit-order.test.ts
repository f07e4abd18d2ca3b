import { type ConnectionId, closeCodes, connectionId, errorMessage } from '@skein/protocol'
import { createRoom, type Room, type RoomEffect } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import type { Commit } from '../backbone/store/store.ts'
import { CommitOrder } from './commit-order.ts'

const policy = {
  memberGraceMs: 1,
  hostGraceMs: 1,
  reloadGraceMs: 3_000,
  maxMembers: 1,
  rebuildMs: 1,
  rebuildMinMs: 0,
  tokenRenewMs: 1,
}
const room: Room = createRoom({
  name: 'r',
  epoch: 1,
  policy,
  recoverUntil: null,
  keepUntil: null,
})

const commit = (change: Partial<Commit> & Pick<Commit, 'base' | 'version'>): Commit => ({
  name: 'r',
  room,
  store: 's',
  effects: [],
  isOwn: false,
  ...change,
})

const versions = (commits: readonly Commit[]): readonly number[] =>
  commits.map(({ version }) => version)
const committing = { isCommitting: true }
const idle = { isCommitting: false }

test('a commit that follows the last is applied at once, and a duplicate is ignored', () => {
  const order = new CommitOrder()
  expect(versions(order.accept(commit({ base: 4, version: 5 }), idle))).toEqual([5])
  expect(versions(order.accept(commit({ base: 5, version: 6 }), idle))).toEqual([6])
  expect(order.accept(commit({ base: 5, version: 6 }), idle)).toEqual([])
  expect(order.accept(commit({ base: 4, version: 5 }), idle)).toEqual([])
})

test('an early commit is held until the missing ones arrive, and applied in order', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  expect(order.accept(commit({ base: 3, version: 4 }), idle)).toEqual([])
  expect(order.accept(commit({ base: 2, version: 3 }), idle)).toEqual([])
  expect(order.hasGap).toBe(true)
  expect(order.newest?.version).toBe(4)
  expect(versions(order.accept(commit({ base: 1, version: 2 }), idle))).toEqual([2, 3, 4])
  expect(order.hasGap).toBe(false)
})

test('a commit of another node waits for the own commit that it is based on', () => {
  const order = new CommitOrder()
  expect(order.accept(commit({ base: 1, version: 2 }), committing)).toEqual([])
  const own = commit({ base: 0, version: 1, isOwn: true })
  expect(versions(order.accept(own, committing))).toEqual([1, 2])
})

test('a self-contained commit of another node waits while an own change is being committed', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  expect(order.accept(commit({ base: null, version: 9 }), committing)).toEqual([])
  const own = commit({ base: 1, version: 2, isOwn: true })
  expect(versions(order.accept(own, committing))).toEqual([2, 9])
})

test('a held commit that an own commit has overtaken is dropped', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 3 }), idle)
  expect(order.accept(commit({ base: null, version: 4 }), committing)).toEqual([])
  const own = commit({ base: null, version: 5, isOwn: true })
  expect(versions(order.accept(own, committing))).toEqual([5])
  expect([order.newest?.version, order.hasGap]).toEqual([5, false])
})

test('the reply of an own commit that changed nothing is always returned', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 3 }), idle)
  const reply = commit({ base: 3, version: 3, isOwn: true, effects: [rejection] })
  expect(order.accept(reply, committing)).toEqual([reply])
  order.accept(commit({ base: 3, version: 4 }), idle)
  expect(order.accept(reply, committing)).toEqual([reply])
  expect(order.newest?.version).toBe(4)
})

test('a reply that arrives before the commit it is based on is returned after it', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 4 }), idle)
  const reply = commit({ base: 5, version: 5, isOwn: true, effects: [rejection] })
  expect(order.accept(reply, committing)).toEqual([])
  const update = commit({ base: 4, version: 5 })
  expect(order.accept(update, idle)).toEqual([update, reply])
  expect(order.hasGap).toBe(false)
})

test('only the replies of an own commit are returned once it has been overtaken', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  const change = commit({ base: 7, version: 8, isOwn: true, effects: [rejection, close] })
  expect(order.accept(change, committing)).toEqual([])
  const [update, rest] = order.accept(commit({ base: null, version: 9 }), idle)
  expect(update?.version).toBe(9)
  expect(rest?.effects).toEqual([rejection])
  expect(order.snapshot).toBe(room)
})

test('commits that are held while an earlier one ends the room are the start of the next', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  // Another node emptied the room, and created the next one (3), which did not concern this node.
  const own = commit({ base: 3, version: 4, isOwn: true })
  expect(order.accept(commit({ base: 4, version: 5 }), committing)).toEqual([])
  expect(order.accept(own, committing)).toEqual([])
  const last = commit({ base: 1, version: 2, room: null })
  expect(versions(order.accept(last, idle))).toEqual([2, 4, 5])
  expect(order.hasGap).toBe(false)
})

test('a held commit of another node does not start a room while an own change is being committed', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  expect(order.accept(commit({ base: 4, version: 5 }), committing)).toEqual([])
  const last = commit({ base: 1, version: 2, room: null })
  expect(versions(order.accept(last, committing))).toEqual([2])
  const own = commit({ base: 3, version: 4, isOwn: true })
  expect(versions(order.accept(own, committing))).toEqual([4, 5])
})

test('skipping to the newest version returns the replies that were held', () => {
  const order = new CommitOrder()
  order.accept(commit({ base: 0, version: 1 }), idle)
  const newest = { ...room, revision: 9 }
  order.accept(
    commit({ base: 7, version: 8, isOwn: true, effects: [rejection, close], room: newest }),
    committing,
  )
  expect(order.snapshot).toBe(room)
  expect(order.skipToNewest()).toEqual([rejection])
  expect(order.snapshot).toBe(newest)
  expect(order.hasGap).toBe(false)
})

const here: ConnectionId = connectionId('here.1')
const close: RoomEffect = { type: 'close', connection: here, code: closeCodes.goingAway }
const rejection: RoomEffect = {
  type: 'refuse',
  to: here,
  message: errorMessage({ code: 'room-full', about: 'join' }),
}
