import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

/** Joins one after the other, without waiting for links. */
const joinAll = async (
  { clock, begin }: FakeWorld,
  machines: readonly string[],
): Promise<readonly Room[]> => {
  const rooms: Room[] = []
  for (const machine of machines) {
    const joining = begin(machine).then((room) => rooms.push(room))
    await clock.until(() => rooms.length > machines.indexOf(machine))
    await joining
  }
  await clock.until(() => rooms.every(({ peers }) => peers.size === machines.length - 1))
  return rooms
}

const linkTo = (room: Room | undefined, other: Room | undefined) =>
  room?.peers.get(other?.self.id ?? ('' as never))?.link ?? null

test('two that never reach each other talk through a third within 5 s, in order and once', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  network.cut('ann', 'ben')
  const [cat, ann, ben] = await joinAll(world, ['cat', 'ann', 'ben'])
  const received: unknown[] = []
  ben?.channel<number>('numbers').on('message', ({ data }) => received.push(data))
  const joinedAt = clock.now()
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  for (const number of numbers)
    void ann
      ?.channel<number>('numbers')
      .send(number)
      .catch(() => {})
  await clock.until(() => received.length === numbers.length, { limitMs: 5_000 })
  expect(clock.now() - joinedAt).toBeLessThan(5_000)
  expect(received).toEqual(numbers)
  expect(linkTo(ann, ben)).toMatchObject({ state: 'open', path: 'via', via: cat?.self.id })
  expect(linkTo(ben, ann)).toMatchObject({ state: 'open', path: 'via', via: cat?.self.id })
})
