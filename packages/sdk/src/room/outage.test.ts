import { expect, test } from 'vitest'
import { fakeWorld } from './fake-world.testing.ts'

test('after an outage of minutes, all members are back as who they were, and no link has closed', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = fakeWorld(seed)
    const { clock, signaling } = world
    const rooms = await world.gather(['ann', 'ben', 'cid', 'dan'])
    await clock.advance(2_000)
    const ids = rooms.map(({ self }) => self.id)
    const changes: string[] = []
    for (const room of rooms) {
      room.on('peerleave', () => changes.push('peerleave'))
      room.on('hostchange', () => changes.push('hostchange'))
    }
    signaling.stop()
    await clock.advance(180_000)
    signaling.start()
    await clock.until(() => rooms.every(({ status }) => status === 'connected'))
    await clock.advance(1_000)
    expect([rooms.map(({ self }) => self.id), changes], `seed ${seed}`).toEqual([ids, []])
    for (const room of rooms) {
      const states = [...room.peers.values()].map(({ link }) => link?.state)
      expect(states).toEqual(['open', 'open', 'open'])
    }
  }
})
