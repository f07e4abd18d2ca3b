import { expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { RoomHarness } from './room-harness.fixture.ts'

test('a kick of oneself or of an unknown peer is an error', () => {
  const harness = new RoomHarness().join('ann')
  const { room } = harness
  for (const target of ['ann', 'eve'].map(peerId)) {
    harness.send('ann', { type: 'kick', target, reason: null })
    expect(harness.lastReceivedBy('ann')).toMatchObject({ code: 'peer-not-found', about: 'kick' })
  }
  expect(harness.room).toBe(room)
})

test('the close of a kicked member has the reason of the kick', () => {
  const harness = new RoomHarness().join('ann').join('ben')
  const connection = harness.connectionOf('ben')
  harness.send('ann', { type: 'kick', target: peerId('ben'), reason: 'spam' })
  expect(harness.effects.at(-1)).toEqual({ type: 'close', connection, code: 4503, reason: 'spam' })
})
