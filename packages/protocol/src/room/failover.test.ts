import { expect, test } from 'vitest'
import { connectionId, peerId } from '../ids.ts'
import { type Room, resendWelcome, step } from './index.ts'
import { Table } from './table.fixture.ts'

/** Two nodes: `c1`, `c2`, … of the table are of none; these are of two. */
const onNodes = (table: Table, nodes: Readonly<Record<string, string>>): Room => ({
  ...table.room,
  members: table.room.members.map((member) => ({
    ...member,
    connection: connectionId(nodes[member.id] ?? 'none.1'),
  })),
})

const abc = (): Room =>
  onNodes(new Table().join('a').join('b').join('c'), { a: 'one.1', b: 'one.2', c: 'two.1' })

const now = 2_000

test('a node that is lost takes all its members offline in one step, and none of them hears of it', () => {
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

test('the host of a node that is lost is replaced when its grace ends', () => {
  const [lost] = step(abc(), { type: 'node-lost', node: 'one' }, now)
  const [room] = step(lost, { type: 'tick' }, now + 5_000)
  expect({ host: room.host, term: room.term }).toEqual({ host: 'c', term: 2 })
})

test('after a failover the same host reigns in a far later term, and everyone is told all', () => {
  const before = abc()
  const [room, effects] = step(before, { type: 'failover' }, now)
  expect(room.host).toBe('a')
  expect(room.term).toBeGreaterThanOrEqual(before.term + 1_000_000)
  expect(room.members.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(effects.map((effect) => effect.type)).toEqual(['welcome', 'welcome', 'welcome'])
})

test('of two failovers the later comes to the later term, whatever it remembers of the earlier', () => {
  const [first] = step(abc(), { type: 'failover' }, now)
  const changed = { ...first, term: first.term + 5 }
  const [second] = step(abc(), { type: 'failover' }, now + 10)
  expect(second.term).toBeGreaterThan(changed.term)
})

test('a clock that went back does not keep a term from rising', () => {
  const [first] = step(abc(), { type: 'failover' }, now + 3_600_000)
  const [second] = step(first, { type: 'failover' }, now)
  expect(second.term).toBeGreaterThan(first.term + 1_000)
})

test("nobody is elected before the leap: that term may have been another's", () => {
  const [lost] = step(abc(), { type: 'node-lost', node: 'one' }, now)
  const [room, effects] = step(lost, { type: 'failover' }, now + 60_000)
  expect(room.host).toBe('a')
  expect(effects.every((effect) => effect.type !== 'send')).toBe(true)
})

test('a member that the store forgot is taken in again, with its id and place', () => {
  const lastKnownRoom = abc()
  const forgetful = { ...lastKnownRoom, members: lastKnownRoom.members.slice(0, 2) }
  const [room, effects] = step(
    forgetful,
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

test('a node speaks for its own connections alone', () => {
  const lastKnownRoom = abc()
  const forgetful = { ...lastKnownRoom, members: lastKnownRoom.members.slice(0, 1) }
  const [room] = step(forgetful, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(room.members.map(({ id }) => id)).toEqual(['a', 'c'])
})

test('a room that is behind what a node has seen goes on above that', () => {
  const behind = abc()
  const lastKnownRoom = { ...behind, term: 7, host: peerId('c') }
  const [room] = step(behind, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(room.term).toBeGreaterThan(7)
  expect(room.host).toBe('a')
})

test("one reign with two hosts, in two memories, is neither's", () => {
  const room = abc()
  const lastKnownRoom = { ...room, host: peerId('c') }
  const [next] = step(room, { type: 'merge-snapshot', node: 'two', lastKnownRoom }, now)
  expect(next.term).toBeGreaterThan(room.term)
})

test('who waits for a room that a node remembers enters that one', () => {
  const lastKnownRoom = abc()
  const waiting = new Table({ recoverUntil: 9_000 }).join('d')
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

test('a token later than the room knows of is good: the store forgot it', () => {
  const table = new Table().join('a').join('b').lose('b')
  const claims = { ...table.claimsOf('b'), tokenSerial: 9 }
  table.resume('b', {}, claims)
  expect(table.lastFor('b')).toMatchObject({ type: 'welcome', self: { id: 'b' }, resumed: true })
})

test('whoever could not come back while the store was away gets the time to', () => {
  const table = new Table().join('a').join('b').lose('b')
  const since = table.now
  const [late] = step(table.room, { type: 'tick' }, since + 20_000)
  expect(late.members).toHaveLength(1)
  const [excused] = step(
    table.room,
    { type: 'extend-grace', until: since + 20_000 },
    since + 20_000,
  )
  const [kept] = step(excused, { type: 'tick' }, since + 22_000)
  expect(kept.members).toHaveLength(2)
  const [gone] = step(excused, { type: 'tick' }, since + 30_000)
  expect(gone.members).toHaveLength(1)
  expect(step(excused, { type: 'extend-grace', until: since + 20_000 }, since)[0]).toBe(excused)
})

test('the whole truth is told to those alone whom it is meant for', () => {
  const room = abc()
  const effects = resendWelcome(room, (connection) => connection === 'two.1')
  expect(effects).toMatchObject([
    { type: 'welcome', to: 'two.1', message: { self: { id: 'c' }, resumed: true, host: 'a' } },
  ])
})
