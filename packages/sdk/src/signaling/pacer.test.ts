import { type ClientSignalMessage, defaultLimits, peerId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createPacer } from './pacer.ts'

const message: ClientSignalMessage = {
  type: 'signal',
  to: peerId('other'),
  data: { link: { local: 'l', remote: null }, type: 'candidate', candidate: null },
}

/** A pacer that sends at the given rate: it stays a tenth below the limits of the server. */
const openPacer = (limits: { readonly perSecond: number; readonly size: number }) => {
  const clock = virtualClock()
  const sentAt: number[] = []
  const pacer = createPacer(clock, 512, () => sentAt.push(clock.now()) > 0)
  pacer.open(limits.perSecond / 0.9, limits.size / 0.9)
  return { clock, pacer, sentAt }
}

test('a full bucket sends its size at once, then one signal per interval', async () => {
  const { clock, pacer, sentAt } = openPacer({ perSecond: 10, size: 2 })
  for (let count = 0; count < 4; count += 1) pacer.add(message)
  await clock.advance(1_000)
  expect(sentAt).toEqual([0, 0, 100, 200])
})

test('at most size plus rate times time is sent, and in the end everything', async () => {
  const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 })
  const limits = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    size: fc.integer({ min: 1, max: 20 }),
  })
  await fc.assert(
    fc.asyncProperty(limits, steps, async (limit, gaps) => {
      const { clock, pacer, sentAt } = openPacer(limit)
      for (const gap of gaps) {
        await clock.advance(gap)
        pacer.add(message)
        const allowed = limit.size + (clock.now() * limit.perSecond) / 1_000
        expect(sentAt.length).toBeLessThanOrEqual(allowed + 1e-6)
      }
      await clock.advance(gaps.length * 1_001)
      expect(sentAt.length).toBe(gaps.length)
    }),
  )
})

test('the oldest signals are dropped when the queue is full', async () => {
  const clock = virtualClock()
  const sent: string[] = []
  const pacer = createPacer<ClientSignalMessage>(clock, 512, ({ to }) => sent.push(to) > 0)
  for (let mark = 0; mark < 600; mark += 1) pacer.add({ ...message, to: peerId(`${mark}`) })
  pacer.open(defaultLimits.signalsPerSecond, defaultLimits.signalsBurst)
  expect([sent.length, sent[0], sent.at(-1)]).toEqual([512, '88', '599'])
})
