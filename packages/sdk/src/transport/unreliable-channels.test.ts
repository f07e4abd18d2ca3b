import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import * as features from '../room/lazy-features.ts'

/** Ann's way to Ben in an unreliable channel: what she made for it, and what went by that. */
const moves = async (loadLazyFeatures: () => Promise<typeof features>) => {
  const { clock, network, begin } = fakeWorld(1, loadLazyFeatures)
  const made: unknown[] = []
  let frames = 0
  class Watched extends network.port('ann') {
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init)
      if (init?.negotiated) return channel
      made.push([label, init?.ordered, init?.maxRetransmits])
      const send = channel.send.bind(channel)
      channel.send = (frame: never) => {
        frames += 1
        send(frame)
      }
      return channel
    }
  }
  const joining = [begin('ann', { RTCPeerConnection: Watched }), begin('ben')]
  const rooms: Room[] = []
  for (const room of joining) void room.then((joined) => rooms.push(joined))
  const isLinked = ({ peers }: Room) =>
    [...peers.values()].some(({ link }) => link?.state === 'open')
  await clock.until(() => rooms.length === 2 && rooms.every(isLinked))
  const [ann, ben] = await Promise.all(joining)
  const heard: unknown[] = []
  ben?.channel('moves').on('message', ({ data }) => heard.push(data))
  const channel = ann?.channel<number>('moves', { ordered: false, maxRetransmits: 0 })
  // Whoever makes such a channel asks for the code that it needs.
  await clock.settle()
  const send = async (data: number) => {
    const sending = channel?.send(data)
    await clock.until(() => heard.includes(data))
    await sending
  }
  return { send, made, frames: () => frames }
}

test('an unreliable channel has a carrier of its own, by which it goes once that is open', async () => {
  const { send, made, frames } = await moves(() => Promise.resolve(features))
  await send(1)
  expect([made, frames()]).toEqual([[['c:moves', false, 0]], 0])
  await send(2)
  await send(3)
  expect([made.length, frames()]).toEqual([1, 2])
})

test('while the code for it is not there, it goes reliably', async () => {
  const { send, made } = await moves(() => new Promise(() => {}))
  await send(1)
  await send(2)
  expect(made).toEqual([])
})
