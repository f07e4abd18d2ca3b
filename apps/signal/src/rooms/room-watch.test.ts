import { createRoom } from '@skein/protocol/room'
import { expect, test } from 'vitest'
import { msUntilTick } from './room-watch.ts'

const policy = {
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  reloadGraceMs: 3_000,
  maxMembers: 8,
  rebuildMs: 5_000,
  rebuildMinMs: 0,
  tokenRenewMs: 43_200_000,
}

test('a tick is due in whole milliseconds, and never too early', () => {
  const until = 60_000.4
  const room = createRoom({ name: 'r', epoch: 1, policy, recoverUntil: until, keepUntil: until })
  for (const offset of [0, 0.1, 0.25, 0.5, 0.75]) {
    const now = 1_000 + offset
    const delay = msUntilTick(room, now)
    if (delay === null) throw new Error('A room that waits has a deadline.')
    expect(Number.isInteger(delay)).toBe(true)
    expect(now + delay).toBeGreaterThanOrEqual(until)
    expect(now + delay).toBeLessThan(until + 1)
  }
})
