import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ProcessLoad } from './process-load.ts'

const limits = { maxLagMs: 1_000, maxMemoryShare: 0.8 }

test('the server is late after several late ticks in a row, not after one long stall', () => {
  const load = new ProcessLoad(limits)
  for (const lagMs of [20_000, 5, 20_000, 3_000, 3_000]) load.noteLag(lagMs)
  expect(load.isLate).toBe(false)
  load.noteLag(1_001)
  expect(load.isLate).toBe(true)
  load.noteLag(1_000)
  expect(load.isLate).toBe(false)
})

test('memory is short above the maximum share of the limit', () => {
  const modest = new ProcessLoad(limits)
  modest.measureMemory(0)
  expect(modest.isShortOfMemory).toBe(false)
  const greedy = new ProcessLoad({ ...limits, maxMemoryShare: 1e-9 })
  expect(greedy.isShortOfMemory).toBe(false)
  greedy.measureMemory(0)
  expect(greedy.isShortOfMemory).toBe(true)
})

test('memory is no longer short after a peak, though V8 keeps its pages', () => {
  const results = runInNewProcess(`
    import { ProcessLoad, memoryLimitBytes } from ${JSON.stringify(new URL('process-load.ts', import.meta.url))}
    const resident = () => process.memoryUsage.rss()
    let objects = Array.from({ length: 1_000_000 }, (_, n) => ({ n, of: [n, n] }))
    const load = new ProcessLoad({ maxLagMs: 1, maxMemoryShare: (0.6 * resident()) / memoryLimitBytes })
    const isShortAt = (now) => (load.measureMemory(now), load.isShortOfMemory)
    const during = isShortAt(0)
    // Some stay alive, so that hardly any page is empty.
    objects = objects.filter((_, n) => n % 50 === 0)
    const results = { during, soon: isShortAt(59_000), later: isShortAt(60_000) }
    console.log(JSON.stringify({ ...results, count: objects.length }))
  `)
  expect(results).toEqual({ during: true, soon: true, later: false, count: 20_000 })
})

/** Runs the script in a new process, in which nothing else uses memory. */
const runInNewProcess = (script: string): unknown => {
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  return JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' }))
}
