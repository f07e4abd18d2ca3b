import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { LadderWorld } from './ladder.testing.ts'
import { Ladder } from './ladder.ts'

const seed = Number(process.env.SKEIN_SEED ?? 1)

/** A ladder whose connection opens at `now`, is used, and then is silent. */
const openLadder = (now: number) => {
  const attempt = { isOpen: true, isAnswered: true, via: null }
  const pingedAt: number[] = []
  const nothing = () => {}
  const ladder = new Ladder({
    actions: {
      canCall: () => true,
      call: nothing,
      choose: nothing,
      interrupt: nothing,
      drop: nothing,
      ping: () => pingedAt.push(ladder.nextAt),
      checkServer: nothing,
      renewServer: nothing,
      setState: nothing,
      note: nothing,
    },
    isPolite: true,
    random: () => 0.5,
    now,
  })
  ladder.added(attempt, {}, now)
  ladder.opened(attempt, now)
  ladder.sent(now)
  return { ladder, pingedAt }
}

test('a silent link is asked for a sign of life at the time it names, whatever the fraction of a millisecond', () => {
  const random = seededRandom(seed)
  for (let run = 0; run < 10_000; run += 1) {
    // Across a power of two, sums are rounded. A third has all the bits that get lost.
    const { ladder, pingedAt } = openLadder(2 ** (9 + (run % 10)) - (random() * 700) / 3)
    for (let ticks = 0; pingedAt.length === 0; ticks += 1) {
      expect(ticks, `SKEIN_SEED=${seed}, run ${run}`).toBeLessThan(5)
      ladder.tick(ladder.nextAt)
    }
  }
})

test('a link that never had a path tries after 30 s, then each time after twice as long', async () => {
  const world = new LadderWorld(seededRandom(3), 20)
  world.isPathUp = false
  const { b, clock } = world
  await clock.until(() => b.state === 'failed')
  b.calls.length = 0
  // The other side stays silent, so that only the turns of this one count.
  world.isSignalingUp = false
  b.canCall = () => true
  const failedAt = clock.now()
  await clock.advance(1_000_000)
  const gaps = b.calls.map((at, index) => at - (b.calls[index - 1] ?? failedAt))
  expect(gaps.map((ms) => Math.round(ms / 10_000) * 10)).toEqual([30, 60, 120, 240, 300])
})
