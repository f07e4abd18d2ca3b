import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Lets many objects survive for a while, as a storm of newcomers does; what it may hold then. */
const mebibytesAfterStorm = (before: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${before}
    const kept = []
    for (let n = 0; n < 2_000_000; n += 1) kept.push({ n, of: [n] })
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    // Not its size, which counts pages that a collection in another thread holds just then.
    console.log((young.space_used_size + young.space_available_size) / 2 ** 20)
  `
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, options, { encoding: 'utf8' }))
}

const module = new URL('young-space.ts', import.meta.url)

test('the space for young objects does not grow in a storm once it is bounded', () => {
  expect(mebibytesAfterStorm('')).toBeGreaterThanOrEqual(16)
  const bound = `(await import(${JSON.stringify(module)})).boundYoungSpace()`
  // As much as it begins with.
  expect(mebibytesAfterStorm(bound)).toBeLessThanOrEqual(2)
})
