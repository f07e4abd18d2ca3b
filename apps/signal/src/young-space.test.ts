import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Lets many objects survive for a while, as a storm of newcomers does; by how much it has grown. */
const growthAfterStorm = (before: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${before}
    const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size
    const start = size()
    const kept = []
    for (let n = 0; n < 2_000_000; n += 1) kept.push({ n, of: [n] })
    console.log(size() / start)
  `
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, options, { encoding: 'utf8' }))
}

const module = new URL('young-space.ts', import.meta.url)

test('the space for young objects does not grow in a storm once it is bounded', () => {
  // It has two halves, and the second is counted once it has been used.
  const halves = 2
  expect(growthAfterStorm('')).toBeGreaterThan(halves)
  const bound = `(await import(${JSON.stringify(module)})).boundYoungSpace()`
  expect(growthAfterStorm(bound)).toBeLessThanOrEqual(halves)
})
