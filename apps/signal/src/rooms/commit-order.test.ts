import { type ConnectionId, closeCodes, connectionId, errorMessage } from '@skein/protocol'
import { createRoom, type Room, type RoomEffect } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import type { Commit } from '../backbone/store/store.ts'
import { CommitOrder } from './commit-order.ts'

const policy = { memberGraceMs: 1, hostGraceMs: 1, maxMembers: 1, rebuildMs: 1, tokenRenewMs: 1 }
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
const asking = { isAsking: true }
const idle = { isAsking: false }

test('what follows on the last is taken at once, what comes twice is not', () => {
  const feed = new CommitOrder()
  expect(versions(feed.accept(commit({ base: 4, version: 5 }), idle))).toEqual([5])
  expect(versions(feed.accept(commit({ base: 5, version: 6 }), idle))).toEqual([6])
  expect(feed.accept(commit({ base: 5, version: 6 }), idle)).toEqual([])
  expect(feed.accept(commit({ base: 4, version: 5 }), idle)).toEqual([])
})

test('what comes too early waits for what is missing, and then comes in order', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 1 }), idle)
  expect(feed.accept(commit({ base: 3, version: 4 }), idle)).toEqual([])
  expect(feed.accept(commit({ base: 2, version: 3 }), idle)).toEqual([])
  expect(feed.isBehind).toBe(true)
  expect(feed.known?.version).toBe(4)
  expect(versions(feed.accept(commit({ base: 1, version: 2 }), idle))).toEqual([2, 3, 4])
  expect(feed.isBehind).toBe(false)
})

test('news that follow on an own change do not overtake its answer', () => {
  const feed = new CommitOrder()
  expect(feed.accept(commit({ base: 1, version: 2 }), asking)).toEqual([])
  const own = commit({ base: 0, version: 1, isOwn: true })
  expect(versions(feed.accept(own, asking))).toEqual([1, 2])
})

test('also news for which nothing before matters wait for the answer to an own change', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 1 }), idle)
  expect(feed.accept(commit({ base: null, version: 9 }), asking)).toEqual([])
  const own = commit({ base: 1, version: 2, isOwn: true })
  expect(versions(feed.accept(own, asking))).toEqual([2, 9])
})

test('news that an own change has overtaken are not gone back to', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 3 }), idle)
  expect(feed.accept(commit({ base: null, version: 4 }), asking)).toEqual([])
  const own = commit({ base: null, version: 5, isOwn: true })
  expect(versions(feed.accept(own, asking))).toEqual([5])
  expect([feed.known?.version, feed.isBehind]).toEqual([5, false])
})

test('the answer to an own question that changed nothing is always given', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 3 }), idle)
  const answer = commit({ base: 3, version: 3, isOwn: true, effects: [refusal] })
  expect(feed.accept(answer, asking)).toEqual([answer])
  feed.accept(commit({ base: 3, version: 4 }), idle)
  expect(feed.accept(answer, asking)).toEqual([answer])
  expect(feed.known?.version).toBe(4)
})

test('an answer that came before the news it stands on is given when they come', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 4 }), idle)
  const answer = commit({ base: 5, version: 5, isOwn: true, effects: [refusal] })
  expect(feed.accept(answer, asking)).toEqual([])
  const news = commit({ base: 4, version: 5 })
  expect(feed.accept(news, idle)).toEqual([news, answer])
  expect(feed.isBehind).toBe(false)
})

test('of an own change that news have overtaken the answers are left', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 1 }), idle)
  const change = commit({ base: 7, version: 8, isOwn: true, effects: [refusal, farewell] })
  expect(feed.accept(change, asking)).toEqual([])
  const [news, left] = feed.accept(commit({ base: null, version: 9 }), idle)
  expect(news?.version).toBe(9)
  expect(left?.effects).toEqual([refusal])
  expect(feed.snapshot).toBe(room)
})

test('what is given up is made up for by the newest, and nobody is left without an answer', () => {
  const feed = new CommitOrder()
  feed.accept(commit({ base: 0, version: 1 }), idle)
  const newest = { ...room, revision: 9 }
  feed.accept(
    commit({ base: 7, version: 8, isOwn: true, effects: [refusal, farewell], room: newest }),
    asking,
  )
  expect(feed.snapshot).toBe(room)
  expect(feed.catchUp()).toEqual([refusal])
  expect(feed.snapshot).toBe(newest)
  expect(feed.isBehind).toBe(false)
})

const here: ConnectionId = connectionId('here.1')
const farewell: RoomEffect = { type: 'close', connection: here, code: closeCodes.goingAway }
const refusal: RoomEffect = {
  type: 'refuse',
  to: here,
  message: errorMessage({ code: 'room-full', about: 'join' }),
}
