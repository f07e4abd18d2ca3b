import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ProcessLoad } from './process-load.ts'

const limits = { maxLagMs: 1_000, maxMemoryShare: 0.8 }

test('one long stall is no load, being late again and again is', () => {
  const load = new ProcessLoad(limits)
  for (const lagMs of [20_000, 5, 20_000, 3_000, 3_000]) load.noteLag(lagMs)
  expect(load.isLate).toBe(false)
  load.noteLag(1_001)
  expect(load.isLate).toBe(true)
  load.noteLag(1_000)
  expect(load.isLate).toBe(false)
})

test('memory is short above its share of what the process may use', () => {
  const modest = new ProcessLoad(limits)
  modest.measureMemory(0)
  expect(modest.isShortOfMemory).toBe(false)
  const greedy = new ProcessLoad({ ...limits, maxMemoryShare: 1e-9 })
  expect(greedy.isShortOfMemory).toBe(false)
  greedy.measureMemory(0)
  expect(greedy.isShortOfMemory).toBe(true)
})

test('memory is no longer short when a storm is over, though V8 keeps its pages', () => {
  const answers = runAlone(`
    import { ProcessLoad, memoryLimitBytes } from ${JSON.stringify(new URL('process-load.ts', import.meta.url))}
    const resident = () => process.memoryUsage.rss()
    let crowd = Array.from({ length: 1_000_000 }, (_, n) => ({ n, of: [n, n] }))
    const load = new ProcessLoad({ maxLagMs: 1, maxMemoryShare: (0.6 * resident()) / memoryLimitBytes })
    const isShortAt = (now) => (load.measureMemory(now), load.isShortOfMemory)
    const during = isShortAt(0)
    // Some stay, so that next to no page is empty.
    crowd = crowd.filter((_, n) => n % 50 === 0)
    const answers = { during, soon: isShortAt(59_000), later: isShortAt(60_000) }
    console.log(JSON.stringify({ ...answers, of: crowd.length }))
  `)
  expect(answers).toEqual({ during: true, soon: true, later: false, of: 20_000 })
})

/** In a process of its own, whose memory nothing else takes. */
const runAlone = (script: string): unknown => {
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  return JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' }))
}
