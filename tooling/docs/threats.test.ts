import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './markdown.ts'
import { hasTest, threatsIn } from './threats.ts'

const read = (path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
const threats = threatsIn(read('SECURITY.md'))

test('there are threats to check', () => {
  expect(threats.length).toBeGreaterThan(20)
})

test.for(threats)('the tests listed for "$threat" exist', ({ tests }) => {
  expect(tests.filter(({ file, title }) => title === '' || !hasTest(read(file), title))).toEqual([])
})

test('threatsIn returns each row with the files and titles of its tests', () => {
  const table = `# Security

## Threats

| threat | answer | tests |
|---|---|---|
| a | b | [c.test.ts](d/c.test.ts): “e: f”<br>[g.spec.ts](g.spec.ts): “h” |
| i | j | none |

## Else

| k | l | m |
`
  expect(threatsIn(table)).toEqual([
    {
      threat: 'a',
      tests: [
        { file: 'd/c.test.ts', title: 'e: f' },
        { file: 'g.spec.ts', title: 'h' },
      ],
    },
    { threat: 'i', tests: [{ file: '', title: '' }] },
  ])
})

test('hasTest finds a complete title, not a part of one', () => {
  const text = "test('a bird sings', () => {})\ntest.each([1])(\n  'bird %i',\n)"
  expect(hasTest(text, 'a bird sings')).toBe(true)
  expect(hasTest(text, 'bird %i')).toBe(true)
  expect(hasTest(text, 'a bird')).toBe(false)
  expect(hasTest(text, 'sings')).toBe(false)
})
