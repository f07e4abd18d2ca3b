import fc from 'fast-check'
import { expect, test } from 'vitest'
import { action } from './actions.ts'
import { play, playOut } from './play.ts'
import { World } from './world.ts'

const isLong = process.env.SKEIN_LONG === '1'
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
const runs = isLong ? 50_000 : 1_000
/** Of the normal run; a long one has more. */
const leastSteps = 20_000

test('the invariants hold in random runs of joins, losses, returns and restarts', {
  timeout: isLong ? 3_600_000 : 60_000,
}, () => {
  let steps = 0
  const property = fc.property(
    fc.array(action, { minLength: 50, maxLength: 100, size: 'max' }),
    (actions) => {
      const world = new World()
      for (const each of actions) play(world, each)
      playOut(world)
      steps += world.steps
    },
  )
  console.info(`room: seed ${seed} (again with SKEIN_SEED=${seed})`)
  fc.assert(property, { seed, numRuns: runs })
  console.info(`room: ${steps} steps in ${runs} runs`)
  expect(steps).toBeGreaterThanOrEqual(leastSteps)
})
