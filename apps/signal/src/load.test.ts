import { expect, test } from 'vitest'
import { Load } from './load.ts'

const limits = { maxLagMs: 1_000, maxMemoryShare: 0.8 }

test('one long stall is no load, being late again and again is', () => {
  const load = new Load(limits)
  for (const lagMs of [20_000, 5, 20_000, 3_000, 3_000]) load.beat(lagMs)
  expect(load.isLate).toBe(false)
  load.beat(1_001)
  expect(load.isLate).toBe(true)
  load.beat(1_000)
  expect(load.isLate).toBe(false)
})

test('memory is short above its share of what the process may use', () => {
  const modest = new Load(limits)
  modest.measureMemory()
  expect(modest.isShortOfMemory).toBe(false)
  const greedy = new Load({ ...limits, maxMemoryShare: 1e-9 })
  expect(greedy.isShortOfMemory).toBe(false)
  greedy.measureMemory()
  expect(greedy.isShortOfMemory).toBe(true)
})
