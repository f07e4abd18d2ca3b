import { describe, expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { deadline, isEmpty } from './index.ts'
import { RoomHarness } from './room-harness.fixture.ts'

const threeMembers = () => new RoomHarness().join('ann').join('ben').join('cat')
const afterRestart = (harness = threeMembers()) =>
  harness
    .wait(2_000)
    .restart({ recoverUntil: harness.now + 7_000, keepUntil: harness.now + 62_000 })

test('welcomes wait until as many members are back as the newest token counted', () => {
  const harness = afterRestart().resume('ben').resume('ann')
  expect(harness.room.recovery).not.toBeNull()
  expect(harness.receivedBy('ann')).toEqual([])
  harness.resume('cat')
  for (const name of ['ann', 'ben', 'cat']) {
    expect(harness.receivedBy(name)).toMatchObject([
      { type: 'welcome', resumed: true, self: { id: name }, host: 'ann', term: 1, epoch: 1_000 },
    ])
  }
})

test('a recovery ends after its time, and a host that is not back loses the role', () => {
  const harness = afterRestart().resume('cat').resume('ben')
  expect(deadline(harness.room)).toBe(harness.now + 5_000)
  harness.wait(5_000).send(null, { type: 'tick' })
  expect(harness.lastReceivedBy('cat')).toMatchObject({ type: 'welcome', host: 'ben', term: 2 })
  harness.resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('new members wait, are welcomed last, and get a much higher join order', () => {
  const harness = afterRestart().join('dan').resume('ann').resume('ben').resume('cat')
  expect(harness.lastReceivedBy('dan')).toMatchObject({
    type: 'welcome',
    resumed: false,
    host: 'ann',
  })
  expect(harness.lastReceivedBy('cat')).toMatchObject({
    type: 'peer-joined',
    peer: { joinOrder: 1_002 },
  })
})

test('if no member returns, the room opens as a new one with a later epoch', () => {
  const harness = afterRestart().join('dan')
  expect(harness.receivedBy('dan')).toEqual([])
  harness.wait(7_000).send(null, { type: 'tick' })
  expect(harness.lastReceivedBy('dan')).toMatchObject({
    type: 'welcome',
    host: 'dan',
    epoch: 3_000,
  })
})

test('the highest epoch wins, and tokens of lower epochs are rejected', () => {
  const harness = new RoomHarness().join('ann').join('ben').send('ann', { type: 'leave' })
  harness.send('ben', { type: 'leave' }).wait(500).join('cat').join('dan')
  afterRestart(harness).resume('ann').resume('cat').resume('ben')
  for (const name of ['ann', 'ben']) {
    expect(harness.lastReceivedBy(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
  }
  harness.resume('dan')
  expect(harness.lastReceivedBy('dan')).toMatchObject({
    type: 'welcome',
    epoch: 1_500,
    host: 'cat',
  })
})

test('the newer of two connections of a member waits, and the older one is closed', () => {
  const harness = afterRestart().resume('ann')
  const connection = harness.connectionOf('ann')
  harness.resume('ann')
  expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4502 })
})

test('a member that disconnects before the recovery ends is not counted', () => {
  const harness = afterRestart().resume('ann').disconnect('ann').resume('ben').resume('cat')
  expect(harness.room.recovery?.returning).toHaveLength(2)
  harness.wait(5_000).send(null, { type: 'tick' })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
})

test('a host that returns with canHost false does not keep the role', () => {
  const harness = afterRestart().resume('ann', { canHost: false }).resume('ben').resume('cat')
  expect(harness.lastReceivedBy('cat')).toMatchObject({ type: 'welcome', host: 'ben', term: 2 })
})

test('a room that becomes empty rejects old tokens while the server accepts them', () => {
  const harness = afterRestart().resume('ann').resume('ben').resume('cat')
  for (const name of ['ann', 'ben', 'cat']) harness.send(name, { type: 'leave' })
  expect(isEmpty(harness.room)).toBe(false)
  harness.resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
  harness.join('dan')
  expect(harness.lastReceivedBy('dan')).toMatchObject({ type: 'welcome', host: 'dan', term: 1 })
  expect(harness.room.epoch).toBeGreaterThan(1_000)
})

test('an empty room may be dropped once old tokens are no longer accepted', () => {
  const harness = afterRestart().resume('ann').resume('ben').resume('cat')
  for (const name of ['ann', 'ben', 'cat']) harness.send(name, { type: 'leave' })
  const due = deadline(harness.room)
  expect(due).toBe(65_000)
  harness.wait(65_000 - harness.now).send(null, { type: 'tick' })
  expect(isEmpty(harness.room)).toBe(true)
})

test('a returning member that disconnects when the time is up is an offline member', () => {
  const harness = afterRestart().resume('ann').wait(5_000).disconnect('ann')
  expect(harness.room.members).toMatchObject([{ id: 'ann', online: false }])
})

const single = { sub: 'u-7', isSingle: true }

test('of a sub that may have only one member, the last one to have joined returns', () => {
  const harness = new RoomHarness()
    .identify('ann', single)
    .identify('cat', single)
    .join('ann')
    .join('ben')
  const lost = harness.claimsOf('ann')
  afterRestart(harness.join('cat')).resume('ann', {}, lost)
  const connection = harness.connectionOf('ann')
  harness.resume('cat').resume('ben')
  expect(harness.receivedBy('ann')).toEqual([])
  expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4502 })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
})

test('a waiting join of that sub replaces the returning member, and the room starts anew', () => {
  const harness = afterRestart(new RoomHarness().identify('ann', single).join('ann').join('ben'))
  harness.resume('ann').identify('dan', single).join('dan').wait(5_000).send(null, { type: 'tick' })
  expect(harness.receivedBy('ann')).toEqual([])
  expect(harness.lastReceivedBy('dan')).toMatchObject({
    type: 'welcome',
    resumed: false,
    host: 'dan',
  })
})

describe('a stale token that comes first', () => {
  /** `old` was alone in an earlier epoch; `ann`, `ben` and `cat` were in the room until the restart. */
  const restarted = (rebuildMinMs: number) => {
    const policy = { ...new RoomHarness().options.policy, rebuildMinMs }
    const harness = new RoomHarness({ policy }).join('old').send('old', { type: 'leave' })
    harness.wait(500).join('ann').join('ben').join('cat')
    return afterRestart(harness)
  }

  test('does not end a recovery before its minimum time', () => {
    const harness = restarted(1_000).resume('old')
    expect(deadline(harness.room)).toBe(harness.now + 1_000)
    harness.wait(900).resume('ann').resume('ben').resume('cat')
    expect(harness.lastReceivedBy('old')).toMatchObject({ code: 'resume-rejected' })
    harness.wait(1_000).send(null, { type: 'tick' })
    for (const name of ['ann', 'ben', 'cat']) {
      expect(harness.lastReceivedBy(name)).toMatchObject({ epoch: 1_500, term: 1, host: 'ann' })
    }
  })

  test('does not keep the room when members of a later epoch return after it opened', () => {
    const harness = restarted(0).resume('old')
    expect(harness.lastReceivedBy('old')).toMatchObject({ type: 'welcome', host: 'old' })
    harness.wait(2_000).resume('ben').resume('ann').resume('cat')
    for (const name of ['ann', 'ben', 'cat']) {
      const [welcome] = harness.receivedBy(name)
      expect(welcome).toMatchObject({ type: 'welcome', resumed: true, epoch: 1_500, host: 'ann' })
    }
    // The member of the earlier epoch enters the room that opened, as a new one.
    expect(harness.receivedBy('old').at(-1)).toMatchObject({
      type: 'welcome',
      resumed: false,
      epoch: 1_500,
      self: { id: 'old' },
    })
  })

  test('does not lower the terms that members of the later epoch have seen', () => {
    const harness = restarted(0).resume('old').wait(2_000).resume('ben').resume('ann').resume('cat')
    expect(harness.room.term).toBeGreaterThan(1)
    expect(harness.room.host).toBe('ann')
  })
})

test('each token of a later epoch makes the recovery wait for the others of that epoch', () => {
  const harness = new RoomHarness().join('old').send('old', { type: 'leave' })
  harness.wait(500).join('ann').join('ben')
  afterRestart(harness).resume('old')
  const restarted = new RoomHarness()
  expect(restarted.room.recovery).toBeNull()
  harness.wait(4_000).resume('ann')
  expect(deadline(harness.room)).toBe(harness.now + 5_000)
})

test('a member that was kicked before a restart does not return with its old token', () => {
  const harness = new RoomHarness().join('ann').join('ben').join('eve')
  harness.send('ann', { type: 'kick', target: peerId('eve'), reason: null })
  afterRestart(harness).resume('eve').resume('ann').resume('ben')
  expect(harness.lastReceivedBy('eve')).toMatchObject({ type: 'error', code: 'resume-rejected' })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ann', 'ben'])
  harness.resume('eve')
  expect(harness.lastReceivedBy('eve')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})
