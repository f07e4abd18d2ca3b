import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/**
 * Keeps many objects alive for a while, as when many clients connect at once, and returns the
 * capacity of the young generation afterwards. The minimum of several samples counts: while objects
 * survive, the collector threads briefly hold extra pages. Real growth persists.
 */
const youngGenerationMib = (setup: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    ${setup}
    const survivors = []
    for (let n = 0; n < 2_000_000; n += 1) survivors.push({ n, of: [n] })
    const samples = []
    while (samples.length < 5) {
      for (let n = 0; n < 100_000; n += 1) globalThis.latest = { n, of: [n] }
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
      samples.push(young.space_used_size + young.space_available_size)
    }
    console.log(Math.min(...samples) / 2 ** 20, survivors.length)
  `
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  const [mebibytes] = execFileSync(process.execPath, options, { encoding: 'utf8' }).split(' ')
  return Number(mebibytes)
}

const module = new URL('cap-young-generation.ts', import.meta.url)

test('the capped young generation does not grow when many objects survive', () => {
  expect(youngGenerationMib('')).toBeGreaterThanOrEqual(16)
  const setup = `(await import(${JSON.stringify(module)})).capYoungGeneration()`
  // The initial size.
  expect(youngGenerationMib(setup)).toBeLessThanOrEqual(2)
})
