import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Lets many objects survive for a while, as a storm of newcomers does; how large it is then. */
const mebibytesAfterStorm = (before: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${before}
    const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size
    const kept = []
    for (let n = 0; n < 2_000_000; n += 1) kept.push({ n, of: [n] })
    console.log(size() / 2 ** 20)
  `
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, options, { encoding: 'utf8' }))
}

const module = new URL('young-space.ts', import.meta.url)

test('the space for young objects does not grow in a storm once it is bounded', () => {
  expect(mebibytesAfterStorm('')).toBeGreaterThan(32)
  const bound = `(await import(${JSON.stringify(module)})).boundYoungSpace()`
  // Of 1 MiB it begins with: both halves, and pages that the threads of a collection hold meanwhile.
  expect(mebibytesAfterStorm(bound)).toBeLessThanOrEqual(8)
})
