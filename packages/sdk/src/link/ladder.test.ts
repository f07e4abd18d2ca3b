import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
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
