import { expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { deadline } from './index.ts'
import { RoomHarness } from './room-harness.fixture.ts'

const two = () => new RoomHarness().join('ann').join('ben')

test('a page that is put away loses the role at once and keeps its membership', () => {
  const harness = two().send('ann', { type: 'lost', absence: 'away' })
  expect(harness.room).toMatchObject({ host: 'ben', term: 2 })
  expect(harness.lastReceivedBy('ben')).toMatchObject({ type: 'host', host: 'ben' })
  harness.wait(9_999).resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ben' })
})

test('a page that reloads keeps the role and its membership for the reload grace period', () => {
  const harness = two().send('ann', { type: 'lost', absence: 'reload' })
  expect(harness.room).toMatchObject({ host: 'ann', term: 1 })
  expect(deadline(harness.room)).toBe(harness.now + 3_000)
  harness.wait(2_999).resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})

test('a page that does not come back from its reload is gone after the reload grace period', () => {
  const harness = two().send('ann', { type: 'lost', absence: 'reload' })
  harness.wait(3_000).send(null, { type: 'tick' })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
  expect(harness.room.host).toBe('ben')
})

test('a page that goes can present its token after its socket was lost', () => {
  const harness = two().disconnect('ann')
  expect(harness.room.host).toBe('ann')
  harness.send(null, { type: 'detach', claims: harness.claimsOf('ann'), absence: 'left' })
  expect(harness.room.members.map(({ id }) => id)).toEqual(['ben'])
  expect(harness.room.host).toBe('ben')
})

test('a page that goes can present its token before its socket is lost', () => {
  const harness = two()
  const connection = harness.connectionOf('ann')
  harness.send(null, { type: 'detach', claims: harness.claimsOf('ann'), absence: 'away' })
  expect(harness.effects).toContainEqual({ type: 'close', connection, code: 4_000 })
  expect(harness.room.host).toBe('ben')
  expect(harness.room.members).toMatchObject([{ id: 'ann', online: false }, { id: 'ben' }])
})

test('a late token of the page before a reload changes nothing for the page after it', () => {
  const harness = two().send('ann', { type: 'lost', absence: 'reload' })
  const before = harness.claimsOf('ann')
  harness.wait(100).resume('ann')
  const { room } = harness
  for (const absence of ['left', 'away', 'reload'] as const) {
    harness.send(null, { type: 'detach', claims: before, absence })
    expect(harness.room).toBe(room)
  }
})

test('a token of a former member or of another epoch detaches nobody', () => {
  const harness = two()
  const claims = harness.claimsOf('ann')
  const { room } = harness
  harness.send(null, { type: 'detach', claims: { ...claims, id: peerId('eve') }, absence: 'left' })
  harness.send(null, { type: 'detach', claims: { ...claims, epoch: 7 }, absence: 'left' })
  expect(harness.room).toBe(room)
})

test('the grace period of a reload begins when the page says so, also after its socket was lost', () => {
  const harness = two().disconnect('ann').wait(4_000)
  harness.send(null, { type: 'detach', claims: harness.claimsOf('ann'), absence: 'reload' })
  expect(harness.room).toMatchObject({ host: 'ann', term: 1 })
  expect(deadline(harness.room)).toBe(harness.now + 3_000)
  harness.wait(2_999).resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})

test('a page that reloads while the store is unreachable gets time to come back', () => {
  const harness = two().send('ann', { type: 'lost', absence: 'reload' }).wait(60_000)
  harness.send(null, { type: 'extend-grace', until: harness.now })
  harness.wait(2_999).resume('ann')
  expect(harness.lastReceivedBy('ann')).toMatchObject({ resumed: true, host: 'ann', term: 1 })
})
