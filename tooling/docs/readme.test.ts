import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './markdown.ts'
import { readFacts, readmes, regionOf, withFacts } from './readme.ts'

/** The size differs by a few bytes between versions of Node. */
const toleranceKib = 0.1

describe.for(readmes)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8')
  const facts = readFacts()

  test('shows the example that a test runs', () => {
    expect(text).toContain(`\`\`\`ts\n${facts.example}\n\`\`\``)
  })

  test('states the measured size', () => {
    const [, stated] = /<!-- size -->([\d.]+) KiB<!-- \/size -->/.exec(text) ?? []
    expect(Math.abs(Number(stated) - Number(facts.sizeKib))).toBeLessThanOrEqual(
      toleranceKib + 1e-9,
    )
  })

  test('the example has up to 10 lines', () => {
    expect(facts.example.split('\n').length).toBeLessThanOrEqual(10)
  })
})

test('a region loses its common indentation', () => {
  expect(regionOf('a\n  // #region readme\n  b\n\n    c\n  // #endregion\nd')).toBe('b\n\n  c')
  expect(regionOf('nothing')).toBeNull()
})

test('generated parts are replaced, also when applied twice', () => {
  const text = '<!-- example -->old<!-- /example --> <!-- size -->1.0 KiB<!-- /size -->'
  const facts = { example: 'a()', sizeKib: '9.5' }
  const once = withFacts(text, facts)
  expect(once).toContain('```ts\na()\n```')
  expect(once).toContain('<!-- size -->9.5 KiB<!-- /size -->')
  expect(withFacts(once, facts)).toBe(once)
  expect(() => withFacts('no markers', facts)).toThrow('example')
})
