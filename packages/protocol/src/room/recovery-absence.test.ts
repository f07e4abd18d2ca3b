import { expect, test } from 'vitest'
import type { Goodbye } from './index.ts'
import { RoomHarness } from './room-harness.fixture.ts'

const restarted = (harness = new RoomHarness().join('ann').join('ben').join('cat')) =>
  harness
    .wait(2_000)
    .restart({ recoverUntil: harness.now + 7_000, keepUntil: harness.now + 62_000 })

const detach = (harness: RoomHarness, name: string, absence: Goodbye) =>
  harness.send(null, { type: 'detach', claims: harness.claimsOf(name), absence })

const untilOpen = (harness: RoomHarness) => harness.wait(7_000).send(null, { type: 'tick' })

test.each(['left', 'away'] as const)(
  'a waiting member that goes during a recovery (%s) is neither host nor online when the room opens',
  (absence) => {
    const harness = restarted().resume('ann').resume('ben')
    const connection = harness.connectionOf('ann')
    detach(harness, 'ann', absence)
    expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4_000 })
    harness.resume('cat')
    expect(harness.room.recovery).not.toBeNull()
    untilOpen(harness)
    expect(harness.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
    expect(harness.lastReceivedBy('ben')).toMatchObject({ host: 'ben', term: 2 })
  },
)

test('a member that leaves during a recovery cannot resume, even if its resume arrives later', () => {
  const harness = restarted().resume('ben')
  detach(harness, 'ann', 'left').resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ code: 'resume-rejected', about: 'join' })
  untilOpen(harness.resume('cat'))
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
  harness.resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ code: 'resume-rejected' })
})

test('a page that is put away during a recovery may come back until the room opens', () => {
  const harness = restarted().resume('ann').resume('ben')
  detach(harness, 'ann', 'away').resume('ann').resume('cat')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})

test('a page that reloads during a recovery ends no wait: the page after it has the same token', () => {
  const harness = restarted().resume('ann').resume('ben')
  const { room } = harness
  expect(detach(harness, 'ann', 'reload').room).toBe(room)
  harness.resume('cat')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})

test('a token that is older than the one a waiting member presented ends no wait', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const older = harness.claimsOf('ann')
  harness.resume('ann')
  restarted(harness).resume('ann')
  const { room } = harness
  for (const absence of ['left', 'away', 'reload'] as const) {
    expect(harness.send(null, { type: 'detach', claims: older, absence }).room).toBe(room)
  }
})

test('the token of a member that leaves during a recovery tells which terms were given out', () => {
  const harness = new RoomHarness().join('ann').join('ben').disconnect('ann')
  harness.wait(5_000).send(null, { type: 'tick' })
  expect(harness.room).toMatchObject({ host: 'ben', term: 2 })
  restarted(harness).resume('ann')
  untilOpen(detach(harness, 'ben', 'left'))
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 3 })
})

test('a member of an earlier epoch that leaves does not enter the room that recovers in a later one', () => {
  const harness = new RoomHarness().join('old').send('old', { type: 'leave' })
  harness.wait(500).join('ann').join('ben')
  restarted(harness).resume('old')
  expect(harness.lastReceivedBy('old')).toMatchObject({ type: 'welcome', host: 'old' })
  harness.wait(2_000).resume('ann')
  const connection = harness.connectionOf('old')
  detach(harness, 'old', 'left')
  expect(harness.effects).toEqual([{ type: 'close', connection, code: 4_000 }])
  untilOpen(harness.resume('ben'))
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ann', 'ben'])
})

test('a member that left while its room recovered is not in the room that a node restores', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const lastKnownRoom = harness.room
  detach(restarted(harness), 'ann', 'left')
  harness.send(null, { type: 'merge-snapshot', node: 'none', lastKnownRoom })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
  expect(harness.room.host).toBe('ben')
})

test('a member that left is removed when the room that recovered turns out to be open', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const open = harness.room
  const lastKnownRoom = detach(restarted(harness), 'ann', 'left').room
  harness.room = open
  harness.send(null, { type: 'merge-snapshot', node: 'none', lastKnownRoom })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
})

test('of two nodes that let a room recover, both count the members that left', () => {
  const harness = new RoomHarness().join('ann').join('ben').join('cat')
  const lastKnownRoom = detach(restarted(harness), 'ann', 'left').room
  restarted(harness).resume('ann').resume('ben')
  harness.send(null, { type: 'merge-snapshot', node: 'none', lastKnownRoom })
  untilOpen(harness)
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
})

test('a goodbye with an older token than the one of a resume does not keep the member out', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const older = harness.claimsOf('ann')
  restarted(harness.resume('ann')).resume('ben')
  harness.send(null, { type: 'detach', claims: older, absence: 'left' }).resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})
