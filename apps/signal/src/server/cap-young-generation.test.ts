import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/**
 * Lets many objects survive for a while, as a storm of newcomers does; what it may hold afterwards.
 * That is looked at when objects come that nobody keeps: while some survive, the threads that collect
 * hold pages beyond it for a moment. What has grown stays so.
 */
const mebibytesAfterStorm = (before: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${before}
    const kept = []
    for (let n = 0; n < 2_000_000; n += 1) kept.push({ n, of: [n] })
    const looks = []
    while (looks.length < 5) {
      for (let n = 0; n < 100_000; n += 1) globalThis.latest = { n, of: [n] }
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
      looks.push(young.space_used_size + young.space_available_size)
    }
    console.log(Math.min(...looks) / 2 ** 20, kept.length)
  `
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  const [mebibytes] = execFileSync(process.execPath, options, { encoding: 'utf8' }).split(' ')
  return Number(mebibytes)
}

const module = new URL('cap-young-generation.ts', import.meta.url)

test('the space for young objects does not grow in a storm once it is bounded', () => {
  expect(mebibytesAfterStorm('')).toBeGreaterThanOrEqual(16)
  const bound = `(await import(${JSON.stringify(module)})).capYoungGeneration()`
  // As much as it begins with.
  expect(mebibytesAfterStorm(bound)).toBeLessThanOrEqual(2)
})
