import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import * as features from '../room/lazy-features.ts'

/** An unreliable channel from Ann to Ben, with its data channels and a count of their frames. */
const openUnreliable = async (loadLazyFeatures: () => Promise<typeof features>) => {
  const { clock, network, begin } = fakeWorld(1, loadLazyFeatures)
  const created: unknown[] = []
  let frames = 0
  class Recording extends network.port('ann') {
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init)
      if (init?.negotiated) return channel
      created.push([label, init?.ordered, init?.maxRetransmits])
      const send = channel.send.bind(channel)
      channel.send = (frame: never) => {
        frames += 1
        send(frame)
      }
      return channel
    }
  }
  const joining = [begin('ann', { RTCPeerConnection: Recording }), begin('ben')]
  const rooms: Room[] = []
  for (const room of joining) void room.then((joined) => rooms.push(joined))
  const isLinked = ({ peers }: Room) =>
    [...peers.values()].some(({ link }) => link?.state === 'open')
  await clock.until(() => rooms.length === 2 && rooms.every(isLinked))
  const [ann, ben] = await Promise.all(joining)
  const received: unknown[] = []
  ben?.channel('moves').on('message', ({ data }) => received.push(data))
  const channel = ann?.channel<number>('moves', { ordered: false, maxRetransmits: 0 })
  // Creating such a channel loads the code for it.
  await clock.settle()
  const send = async (data: number) => {
    const sending = channel?.send(data)
    await clock.until(() => received.includes(data))
    await sending
  }
  return { clock, send, created, frames: () => frames }
}

test('an unreliable channel uses its own data channel once that is open', async () => {
  const { clock, send, created, frames } = await openUnreliable(() => Promise.resolve(features))
  await send(1)
  expect([created, frames()]).toEqual([[['c:moves', false, 0]], 0])
  await clock.advance(100)
  await send(2)
  await send(3)
  expect([created.length, frames()]).toEqual([1, 2])
})

test('until its code is loaded, an unreliable channel sends reliably', async () => {
  const { send, created } = await openUnreliable(() => new Promise(() => {}))
  await send(1)
  await send(2)
  expect(created).toEqual([])
})
