import type { PeerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

const mebibyte = 2 ** 20

/** Messages for channels that nobody has opened there. */
const burden = (room: Room, to: PeerId, count: number) => {
  const data = new Uint8Array(mebibyte - 1_000)
  const send = (number: number) => room.channel<Uint8Array>(`invented ${number}`).send(data, { to })
  return Promise.allSettled(Array.from({ length: count }, (_, number) => send(number)))
}

test('what all peers together make a page hold is bounded: the one that takes most loses its link', async () => {
  const { clock, gather } = fakeWorld()
  const rooms = await gather(['ann', 'ben', 'cid', 'dan'], { maxMessageBytes: mebibyte })
  const [ann, ben, cid, dan] = rooms as [Room, Room, Room, Room]
  const errors: string[] = []
  dan.on('error', ({ error }) => errors.push(error.message))
  const to = dan.self.id
  const sends = [burden(ann, to, 110), burden(ben, to, 100), burden(cid, to, 70)]
  await clock.advance(30_000)
  await Promise.all(sends)
  const states = () => [ann, ben, cid].map(({ self }) => dan.peers.get(self.id)?.link?.state)
  expect(states()).toEqual(['failed', 'open', 'open'])
  expect(errors).toEqual([`${ann.self.id}: Protocol error: too much unread data.`])
  let messages = 0
  for (let number = 0; number < 110; number += 1) {
    dan.channel(`invented ${number}`).on('message', () => (messages += 1))
  }
  await clock.advance(100)
  expect(messages).toBe(170)
  // That memory is free now.
  const again = [burden(ben, to, 100), burden(cid, to, 100)]
  await clock.advance(30_000)
  await Promise.all(again)
  expect(states()).toEqual(['failed', 'open', 'open'])
}, 30_000)
