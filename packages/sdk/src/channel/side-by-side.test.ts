import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

test('a large message does not delay small ones on other channels', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const order: string[] = []
  for (const label of ['large', 'small']) ben.channel(label).on('message', () => order.push(label))
  const sends = Promise.allSettled([
    ann.channel<Uint8Array>('large').send(new Uint8Array(64 * 2 ** 20)),
    ann.channel('small').send('quick'),
  ])
  await clock.until(() => order.length === 2)
  await clock.advance(1_000)
  expect(await sends).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
  expect(order).toEqual(['small', 'large'])
})
