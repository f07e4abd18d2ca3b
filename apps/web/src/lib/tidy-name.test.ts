import { expect, test } from 'vitest'
import { maxNameLength, tidyName } from './tidy-name.ts'

test('a name is kept, without surrounding whitespace', () => {
  expect(tidyName('  Ann of the Hill ')).toBe('Ann of the Hill')
  expect(tidyName('李梅')).toBe('李梅')
  expect(tidyName('👩‍🚀')).toBe('👩‍🚀')
})

test('control characters and direction marks are removed', () => {
  expect(tidyName('An\n\u0000n')).toBe('Ann')
  expect(tidyName('\u202eevil\u2066')).toBe('evil')
})

test('a name that is too long is cut between characters, not inside one', () => {
  expect(tidyName('🪿'.repeat(100))).toBe('🪿'.repeat(maxNameLength))
  const family = '👩‍👩‍👧'
  expect(tidyName(family.repeat(9))).toBe(family.repeat(6))
  expect(tidyName(`e${'\u0301'.repeat(99)}`)).toBe(`e${'\u0301'.repeat(maxNameLength - 1)}`)
})

test('a value that is not a string gives an empty name', () => {
  for (const value of [undefined, null, 1, {}, ['Ann']]) expect(tidyName(value)).toBe('')
})
