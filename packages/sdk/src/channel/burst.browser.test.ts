import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { enterTogether, leaveAll } from '../room/rooms.testing.ts'

afterEach(leaveAll)

test('20,000 messages in one turn arrive once and in order, or are rejected', async () => {
  const [ann, ben] = (await enterTogether(2)) as [Room, Room]
  const channel = ann.channel<number | string>('burst')
  const received: unknown[] = []
  const ended = new Promise<void>((resolve) => {
    ben.channel<number | string>('burst').on('message', ({ data }) => {
      if (data === 'end') resolve()
      else received.push(data)
    })
  })
  const sends = Array.from({ length: 20_000 }, (_, number) => channel.send(number))
  const results = await Promise.allSettled(sends)
  // The channel is ordered, so this arrives last.
  await channel.send('end')
  await ended
  const accepted = results.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []))
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'queue-full' })
  }
  expect(accepted.length).toBeGreaterThan(1_000)
  expect(received).toEqual(accepted)
})
