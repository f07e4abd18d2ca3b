import { expect, test } from 'vitest'
import { RoomHarness } from './room-harness.fixture.ts'

const single = { sub: 'u-7', isSingle: true }

test('the newest member of a sub replaces the others if the sub may have only one', () => {
  const harness = new RoomHarness().identify('ann', single).identify('cat', single)
  harness.join('ann').join('ben')
  const connection = harness.connectionOf('ann')
  harness.join('cat')
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben', 'cat'])
  expect(harness.receivedBy('ben').slice(-3)).toMatchObject([
    { type: 'peer-left', id: 'ann', reason: 'left' },
    { type: 'host', host: 'ben', reason: 'left' },
    { type: 'peer-joined', peer: { id: 'cat' } },
  ])
  expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4502 })
})

test('a member that replaces another one can join a full room, and becomes host if it is alone', () => {
  const harness = new RoomHarness({
    policy: { ...new RoomHarness().options.policy, maxMembers: 1 },
  })
  harness
    .identify('ann', single)
    .identify('ben', single)
    .join('ann')
    .wait(5)
    .disconnect('ann')
    .join('ben')
  expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'welcome', host: 'ben', peers: [] })
  harness.resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'error', code: 'resume-rejected' })
})

test('a sub may have several members unless a token asks for one', () => {
  const several = { sub: 'u-7', isSingle: false }
  const harness = new RoomHarness().identify('ann', several).identify('ben', several)
  harness.join('ann').join('ben')
  expect(harness.room.members).toHaveLength(2)
  harness.identify('ben', single).resume('ben')
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
})

test('members do not see the sub of other members', () => {
  const harness = new RoomHarness().identify('ann', single).join('ann').join('ben').resume('ann')
  for (const name of ['ann', 'ben']) {
    expect(JSON.stringify(harness.receivedBy(name))).not.toContain('u-7')
  }
})

test('a resume token works only for the sub that owns it', () => {
  const harness = new RoomHarness()
    .identify('ann', single)
    .join('ann')
    .join('ben')
    .disconnect('ann')
  const { room } = harness
  for (const [name, identity] of [
    ['eve', { sub: 'u-8', isSingle: true }],
    ['dan', null],
  ] as const) {
    if (identity !== null) harness.identify(name, identity)
    harness.resume(name, {}, harness.claimsOf('ann'))
    expect(harness.lastReceivedBy(name)).toMatchObject({ type: 'error', code: 'resume-rejected' })
    expect(harness.room).toBe(room)
  }
  harness.resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ type: 'welcome', resumed: true })
})
