import { expect, test } from 'vitest'
import { runSchedules, timeout } from '../testing/schedules.testing.ts'
import { seededRandom } from '../testing/seeds.ts'
import { LadderWorld } from './ladder.testing.ts'

const pick = <Item>(random: () => number, items: Iterable<Item>): Item | undefined => {
  const list = [...items]
  return list[Math.floor(random() * list.length)]
}

type Fault = (world: LadderWorld) => void

const faults: readonly Fault[] = [
  (world) => {
    world.isPathUp = false
  },
  (world) => {
    world.isPathUp = true
  },
  (world) => {
    world.isSignalingUp = false
  },
  (world) => {
    world.isSignalingUp = true
    for (const side of [world.a, world.b]) side.tell((ladder, now) => ladder.news(now))
  },
  (world) => {
    const attempt = pick(world.random, world.a.attempts)
    if (attempt) world.end(attempt)
  },
  (world) => {
    const attempt = pick(world.random, world.b.attempts)
    if (attempt) world.end(attempt)
  },
  ({ a, b, random }) => {
    pick(random, [a, b])?.tell((ladder, now) => ladder.networkChanged(now))
  },
  ({ a, b, random }) => pick(random, [a, b])?.tell((ladder, now) => ladder.probe(now)),
  ({ a, b, random }) => {
    pick(random, [a, b])?.tell((ladder, now) => ladder.setHidden(random() < 0.5, now))
  },
  ({ a, b, random }) => pick(random, [a, b])?.tell((ladder, now) => ladder.sent(now)),
]

const run = async (seed: number): Promise<void> => {
  const random = seededRandom(seed)
  const world = new LadderWorld(random, 1 + (seed % 4) * 40)
  const { a, b, clock } = world
  for (let step = 0; step < 10; step += 1) {
    await clock.advance(random() * (random() < 0.3 ? 20_000 : 1_500))
    pick(random, faults)?.(world)
    for (const side of [a, b]) expect(side.attempts.size).toBeLessThanOrEqual(6)
  }
  world.isPathUp = true
  world.isSignalingUp = true
  for (const side of [a, b]) {
    side.tell((ladder, now) => ladder.setHidden(false, now))
    side.tell((ladder, now) => ladder.news(now))
  }
  const isWhole = () => [a, b].every(({ ladder }) => ladder.brokenSince === null)
  await clock.until(() => isWhole() && a.chosen.at(-1) === b.chosen.at(-1), { limitMs: 20_000 })
  await clock.advance(20_000)
  expect([a.state, b.state]).toEqual(['open', 'open'])
  expect(a.ladder.chosen?.other).toBe(b.ladder.chosen)
  expect([a.isInterrupted, b.isInterrupted]).toEqual([false, false])
  expect([a.attempts.size, b.attempts.size]).toEqual([1, 1])
  expect([...a.problems, ...b.problems]).toEqual([])
}

test(
  'after any faults both sides use the same connection, and no other is left',
  {
    timeout,
  },
  () => runSchedules({ name: 'ladder schedules', runs: { short: 500, long: 20_000 } }, run),
)

const breakAndReturn = async (seed: number) => {
  const random = seededRandom(seed)
  const world = new LadderWorld(random, 40)
  const { a, b, clock } = world
  const isWhole = () =>
    a.ladder.chosen?.other === b.ladder.chosen &&
    [a, b].every(({ ladder }) => ladder.brokenSince === null && ladder.chosen !== null)
  await clock.until(isWhole)
  await clock.advance(2_000)
  world.isPathUp = false
  // The old connection is dead for good in half of the runs, as after a change of address.
  const old = a.ladder.chosen
  await clock.advance(random() * 70_000)
  if (random() < 0.5 && old) world.end(old)
  world.isPathUp = true
  const backAt = clock.now()
  await clock.until(isWhole, { limitMs: 10_000 })
  expect(clock.now() - backAt).toBeLessThanOrEqual(1_500)
}

test('a path that returns after any time carries data both ways within 1.5 s', { timeout }, () =>
  runSchedules({ name: 'returning paths', runs: { short: 125, long: 5_000 } }, breakAndReturn),
)

test('without a way for signals no attempt is made, and with one they keep to their turns', async () => {
  const world = new LadderWorld(seededRandom(1), 20)
  const { a, b, clock } = world
  await clock.until(() => a.state === 'open' && b.state === 'open')
  await clock.advance(2_000)
  world.isPathUp = false
  world.isSignalingUp = false
  const [before] = [a.calls.length + b.calls.length]
  await clock.advance(60_000)
  expect(a.calls.length + b.calls.length).toBe(before)
  world.isSignalingUp = true
  const countIn = async (ms: number) => {
    const calls = a.calls.length + b.calls.length
    await clock.advance(ms)
    return a.calls.length + b.calls.length - calls
  }
  // A turn is 5 s after the first minute, and 30 s after the fifth.
  expect(await countIn(60_000)).toBeLessThanOrEqual(26)
  await countIn(240_000)
  expect(await countIn(300_000)).toBeLessThanOrEqual(24)
})
