import { expect, test } from 'vitest'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

/** Ann hosts. Records what Ben asks the server. */
const joinTwo = async (world: FakeWorld) => {
  const { clock, signaling, begin } = world
  const asked: { readonly host: string; readonly at: number }[] = []
  class RecordingSocket extends signaling.port('ben') {
    override send(data: string): void {
      const message = JSON.parse(data)
      if (message.type === 'check-host') asked.push({ host: message.host, at: clock.now() })
      super.send(data)
    }
  }
  const first = begin('ann')
  await clock.advance(1_000)
  const second = begin('ben', { WebSocket: RecordingSocket })
  await clock.advance(3_000)
  return { ann: await first, ben: await second, asked }
}

test('a guest whose link to the host is silent asks the server to check it, and again after 5 s', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  const { ann, ben, asked } = await joinTwo(world)
  network.cut('ann', 'ben')
  await clock.until(() => ben.peers.get(ann.self.id)?.link?.state === 'repairing')
  await clock.advance(50)
  expect(asked.map(({ host }) => host)).toEqual([ann.self.id])
  await clock.advance(5_100)
  expect(asked.map(({ host }) => host)).toEqual([ann.self.id, ann.self.id])
  network.restore('ann', 'ben')
  await clock.until(() => ben.peers.get(ann.self.id)?.link?.state === 'open')
  const { length } = asked
  await clock.advance(20_000)
  expect(asked.length).toBe(length)
})

test('nobody asks about a guest, nor about a host that has lost its role', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  const { ann, ben, asked } = await joinTwo(world)
  const transferred = ann.transferHost(ben.self.id)
  await clock.until(() => ben.isHost && !ann.isHost)
  await transferred
  network.cut('ann', 'ben')
  await clock.advance(20_000)
  expect(asked).toEqual([])
})

test('without the server nothing is asked, and after leaving no timer is left', async () => {
  const world = fakeWorld()
  const { clock, network, signaling } = world
  const { ann, ben, asked } = await joinTwo(world)
  signaling.stop()
  await clock.advance(50)
  network.cut('ann', 'ben')
  await clock.advance(8_000)
  expect(asked).toEqual([])
  const left = Promise.all([ann.leave(), ben.leave()])
  await clock.advance(2_000)
  await left
  expect(clock.pending).toBe(0)
})
