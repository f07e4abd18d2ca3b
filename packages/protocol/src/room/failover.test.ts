import { expect, test } from 'vitest'
import { connectionId, peerId } from '../ids.ts'
import { type Room, resendWelcome, step } from './index.ts'
import { RoomHarness } from './room-harness.fixture.ts'

/** Puts members on nodes; the connections `c1`, `c2`, … of the harness are on none. */
const onNodes = (harness: RoomHarness, nodes: Readonly<Record<string, string>>): Room => ({
  ...harness.room,
  members: harness.room.members.map((member) => ({
    ...member,
    connection: connectionId(nodes[member.id] ?? 'none.1'),
  })),
})

const abc = (): Room =>
  onNodes(new RoomHarness().join('a').join('b').join('c'), { a: 'one.1', b: 'one.2', c: 'two.1' })

const now = 2_000

test('a lost node takes all its members offline in one step, and none of them gets a message', () => {
  const [room, effects] = step(abc(), { type: 'node-lost', node: 'one' }, now)
  expect(room.members.map(({ id, online }) => [id, online])).toEqual([
    ['a', false],
    ['b', false],
    ['c', true],
  ])
  const addressees = effects.flatMap((effect) => (effect.type === 'send' ? effect.to : []))
  expect(new Set(addressees)).toEqual(new Set(['two.1']))
  expect(room.host).toBe('a')
  expect(step(room, { type: 'node-lost', node: 'one' }, now)[0]).toBe(room)
})

test('a host on a lost node is replaced when the host grace period ends', () => {
  const [lost] = step(abc(), { type: 'node-lost', node: 'one' }, now)
  const [room] = step(lost, { type: 'tick' }, now + 5_000)
  expect({ host: room.host, term: room.term }).toEqual({ host: 'c', term: 2 })
})

test('after a failover the host stays, the term jumps, and every member gets a welcome', () => {
  const before = abc()
  const [room, effects] = step(before, { type: 'failover' }, now)
  expect(room.host).toBe('a')
  expect(room.term).toBeGreaterThanOrEqual(before.term + 1_000_000)
  expect(room.members.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(effects.map((effect) => effect.type)).toEqual(['welcome', 'welcome', 'welcome'])
})

test('the second of two failovers gets the higher term, even if the first one was lost', () => {
  const [first] = step(abc(), { type: 'failover' }, now)
  const changed = { ...first, term: first.term + 5 }
  const [second] = step(abc(), { type: 'failover' }, now + 10)
  expect(second.term).toBeGreaterThan(changed.term)
})

test('the term rises even if the clock went back', () => {
  const [first] = step(abc(), { type: 'failover' }, now + 3_600_000)
  const [second] = step(first, { type: 'failover' }, now)
  expect(second.term).toBeGreaterThan(first.term + 1_000)
})

test('a failover raises the term before any election, because the old terms may have been used', () => {
  const [lost] = step(abc(), { type: 'node-lost', node: 'one' }, now)
  const [room, effects] = step(lost, { type: 'failover' }, now + 60_000)
  expect(room.host).toBe('a')
  expect(effects.every((effect) => effect.type !== 'send')).toBe(true)
})

test('a member that the store lost is restored with its id and join order', () => {
  const lastKnownRoom = abc()
  const outdated = { ...lastKnownRoom, members: lastKnownRoom.members.slice(0, 2) }
  const [room, effects] = step(
    outdated,
    { type: 'merge-snapshot', node: 'two', lastKnownRoom },
    now,
  )
  expect(room.members.map(({ id, joinOrder }) => [id, joinOrder])).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ])
  expect(effects).toContainEqual(expect.objectContaining({ type: 'welcome', to: 'two.1' }))
  expect(step(room, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)[0]).toBe(room)
})

test('a snapshot of a node restores only members on that node', () => {
  const lastKnownRoom = abc()
  const outdated = { ...lastKnownRoom, members: lastKnownRoom.members.slice(0, 1) }
  const [room] = step(outdated, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(room.members.map(({ id }) => id)).toEqual(['a', 'c'])
})

test('a room that is behind a snapshot continues in a term above both', () => {
  const behind = abc()
  const lastKnownRoom = { ...behind, term: 7, host: peerId('c') }
  const [room] = step(behind, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(room.term).toBeGreaterThan(7)
  expect(room.host).toBe('a')
})

test('a term with one host in the room and another in a snapshot is abandoned', () => {
  const room = abc()
  const lastKnownRoom = { ...room, host: peerId('c') }
  const [next] = step(room, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(next.term).toBeGreaterThan(room.term)
})

test('a waiting join enters the room that a node restores', () => {
  const lastKnownRoom = abc()
  const waiting = new RoomHarness({ recoverUntil: 9_000 }).join('d')
  const [room, effects] = step(
    waiting.room,
    { type: 'merge-snapshot', node: 'one', lastKnownRoom },
    now,
  )
  expect(room.recovery).toBeNull()
  expect(room.members.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  expect(room.host).toBe('a')
  const welcomed = effects.flatMap((effect) => (effect.type === 'welcome' ? [effect.to] : []))
  expect(welcomed).toEqual(['one.1', 'one.2', 'two.1', waiting.connectionOf('d')])
})

test('a later token serial than the room knows is accepted: the store has lost it', () => {
  const harness = new RoomHarness().join('a').join('b').disconnect('b')
  const claims = { ...harness.claimsOf('b'), tokenSerial: 9 }
  harness.resume('b', {}, claims)
  expect(harness.lastReceivedBy('b')).toMatchObject({
    type: 'welcome',
    self: { id: 'b' },
    resumed: true,
  })
})

test('members that could not resume while the store was unreachable get time to resume', () => {
  const harness = new RoomHarness().join('a').join('b').disconnect('b')
  const since = harness.now
  const [late] = step(harness.room, { type: 'tick' }, since + 20_000)
  expect(late.members).toHaveLength(1)
  const [extended] = step(
    harness.room,
    { type: 'extend-grace', until: since + 20_000 },
    since + 20_000,
  )
  const [kept] = step(extended, { type: 'tick' }, since + 22_000)
  expect(kept.members).toHaveLength(2)
  const [gone] = step(extended, { type: 'tick' }, since + 30_000)
  expect(gone.members).toHaveLength(1)
  expect(step(extended, { type: 'extend-grace', until: since + 20_000 }, since)[0]).toBe(extended)
})

test('a resent welcome goes only to the connections asked for', () => {
  const room = abc()
  const effects = resendWelcome(room, (connection) => connection === 'two.1')
  expect(effects).toMatchObject([
    { type: 'welcome', to: 'two.1', message: { self: { id: 'c' }, resumed: true, host: 'a' } },
  ])
})

test('a recovery during which the store was replaced opens in a term never given out before', () => {
  const harness = new RoomHarness().wait(1_000).restart({ recoverUntil: 7_000, keepUntil: 60_000 })
  const waiting = harness.join('a').room
  const opened = step(waiting, { type: 'tick' }, 7_000)[0]
  expect({ host: opened.host, term: opened.term }).toEqual({ host: 'a', term: 1 })
  // Another life of the store has the room as it was before it opened.
  const [replaced] = step(waiting, { type: 'failover' }, 7_100)
  const [again] = step(replaced, { type: 'tick' }, 7_200)
  expect(again.epoch).toBe(opened.epoch)
  expect(again.term).toBeGreaterThan(1_000_000)
})

test('members that return during such a recovery keep host and ids, in a later term', () => {
  const harness = new RoomHarness().join('a').join('b')
  harness
    .wait(2_000)
    .restart({ recoverUntil: harness.now + 7_000, keepUntil: 70_000 })
    .resume('b')
  const [replaced] = step(harness.room, { type: 'failover' }, harness.now)
  const [room] = step(replaced, { type: 'tick' }, harness.now + 7_000)
  expect(room.members.map(({ id }) => id)).toEqual(['b'])
  expect(room.term).toBeGreaterThan(1_000_000)
})

test('a room that was emptied begins anew in the epoch that the join brings', () => {
  const harness = new RoomHarness().wait(1_000).restart({ recoverUntil: null, keepUntil: 60_000 })
  const left = harness.join('a').send('a', { type: 'leave' }).room
  const self = { presence: null, canHost: true, priority: 0 }
  const connection = connectionId('one.9')
  const join = { type: 'join', connection, id: peerId('b'), self, identity: null } as const
  const [room] = step(left, { ...join, epoch: 9_000_000 }, harness.now)
  expect({ epoch: room.epoch, term: room.term, host: room.host }).toEqual({
    epoch: 9_000_000,
    term: 1,
    host: 'b',
  })
})
