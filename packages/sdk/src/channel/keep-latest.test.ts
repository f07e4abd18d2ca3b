import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

const quietMs = [0, 100, 1_000, 60_000]

for (const ms of quietMs) {
  test(`a channel that keeps the latest message sends it at once, ${ms} ms after a message of the other side`, async () => {
    const { clock, gather } = fakeWorld()
    const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
    await clock.advance(2_000)
    const received: unknown[] = []
    ann.channel('chat').on('message', () => {})
    ben.channel('cursor').on('message', ({ data }) => received.push(data))
    // What Ann sends last is an acknowledgement, which is not acknowledged itself.
    await ben.channel('chat').send('hello')
    await clock.advance(200 + ms)
    const cursor = ann.channel('cursor', { keep: 'latest' })
    for (const x of [1, 2, 3]) void cursor.send(x)
    await clock.advance(200)
    expect(received.at(-1)).toBe(3)
  })
}
