import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Action, action } from './actions.ts'
import { applyAction, runUntilEmpty } from './apply-action.ts'
import { World } from './world.ts'

const isLong = process.env.SKEIN_LONG === '1'
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
const runs = isLong ? 50_000 : 1_000
/** For a normal run; a long run has more. */
const minSteps = 20_000

test('the invariants hold in random runs of joins, losses, resumes and restarts', {
  timeout: isLong ? 3_600_000 : 60_000,
}, () => {
  let steps = 0
  const property = fc.property(
    fc.array(action, { minLength: 50, maxLength: 100, size: 'max' }),
    (actions) => {
      const world = new World()
      for (const each of actions) applyAction(world, each)
      runUntilEmpty(world)
      steps += world.steps
    },
  )
  console.info(`room: seed ${seed} (repeat with SKEIN_SEED=${seed})`)
  fc.assert(property, { seed, numRuns: runs })
  console.info(`room: ${steps} steps in ${runs} runs`)
  expect(steps).toBeGreaterThanOrEqual(minSteps)
})

// Seed 105646427: a member whose grace period had long ended returned alone and became host in a
// term that had had another host, who returned after the next restart.
test('a lost host term is restored when a member that saw it returns after another restart', () => {
  const self = { canHost: true, priority: 0, name: 'a' }
  const actions: readonly Action[] = [
    { dt: 1, kind: 'join', client: 0, self },
    { dt: 1, kind: 'join', client: 2, self },
    { dt: 1, kind: 'transfer-host', client: 0, to: 2 },
    { dt: 1, kind: 'lost', client: 0 },
    { dt: 1, kind: 'join', client: 1, self },
    { dt: 1, kind: 'tick-at-deadline' },
    { dt: 1, kind: 'leave', client: 2 },
    { dt: 1, kind: 'restart' },
    { dt: 1, kind: 'resume', client: 0, self },
    { dt: 1, kind: 'tick-at-deadline' },
    { dt: 1, kind: 'restart' },
    { dt: 1, kind: 'resume', client: 1, self },
    { dt: 1, kind: 'tick-at-deadline' },
  ]
  const world = new World()
  for (const each of actions) applyAction(world, each)
  const { room } = world.server
  expect({ host: room?.host, term: room?.term }).toEqual({
    host: world.clients[1]?.view?.self,
    term: 3,
  })
  runUntilEmpty(world)
})

// Seed 106544478: two members that had seen different hosts for the same term returned together.
test('a new term starts when returning members report two hosts for the same term', () => {
  const self = { canHost: true, priority: 0, name: 'a' }
  const actions: readonly Action[] = [
    { dt: 1, kind: 'join', client: 0, self },
    { dt: 1, kind: 'join', client: 2, self },
    { dt: 1, kind: 'lost', client: 2 },
    { dt: 1, kind: 'lost', client: 0 },
    { dt: 1, kind: 'join', client: 1, self },
    { dt: 6_000, kind: 'tick' },
    { dt: 1, kind: 'join', client: 3, self },
    { dt: 1, kind: 'restart' },
    { dt: 1, kind: 'resume', client: 2, self },
    { dt: 1, kind: 'tick-at-deadline' },
    { dt: 1, kind: 'restart' },
    { dt: 1, kind: 'return', clients: [false, true, true, false, false, false] },
    { dt: 1, kind: 'tick-at-deadline' },
  ]
  const world = new World()
  for (const each of actions) applyAction(world, each)
  expect(world.clients.map(({ view }) => view?.term)).toEqual([
    undefined,
    3,
    3,
    undefined,
    undefined,
    undefined,
  ])
  expect(world.server.room?.host).toBe(world.clients[2]?.view?.self)
  runUntilEmpty(world)
})
