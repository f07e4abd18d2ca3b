import { expect, test } from 'vitest'
import { fakeWorld } from './fake-world.testing.ts'

const machines = ['ann', 'ben', 'cid'] as const
const pairs = [
  ['ann', 'ben'],
  ['ann', 'cid'],
  ['ben', 'cid'],
] as const

test('a server that was away for 70 s while all links broke finds every member and its host again', async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const { clock, network, signaling, gather } = fakeWorld(seed)
    const rooms = await gather(machines)
    await clock.advance(2_000)
    const before = rooms.map(({ self, host, epoch }) => ({ id: self.id, host, epoch }))
    signaling.stop()
    for (const [one, other] of pairs) network.cut(one, other)
    await clock.advance(70_000)
    signaling.start()
    for (const [one, other] of pairs) network.restore(one, other)
    const isWhole = () =>
      rooms.every(({ peers, status }) => {
        const states = [...peers.values()].map(({ link }) => link?.state)
        return status === 'connected' && states.length === 2 && states.every((it) => it === 'open')
      })
    await clock.until(isWhole, { limitMs: 10_000 })
    const after = rooms.map(({ self, host, epoch }) => ({ id: self.id, host, epoch }))
    expect(after, `seed ${seed}`).toEqual(before)
    const leaving = Promise.all(rooms.map((room) => room.leave()))
    await clock.advance(2_000)
    await leaving
  }
})
