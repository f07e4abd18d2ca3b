import { expect, test } from 'vitest'
import { maxNameLength, tidyName } from './tidy-name.ts'

test('a name is shown as it was given, less the space around it', () => {
  expect(tidyName('  Ann of the Hill ')).toBe('Ann of the Hill')
  expect(tidyName('李梅')).toBe('李梅')
  expect(tidyName('👩‍🚀')).toBe('👩‍🚀')
})

test('what would break the line or turn its direction is taken out', () => {
  expect(tidyName('An\n\u0000n')).toBe('Ann')
  expect(tidyName('\u202eevil\u2066')).toBe('evil')
})

test('an endless name is cut between characters, not inside one', () => {
  expect(tidyName('🪿'.repeat(100))).toBe('🪿'.repeat(maxNameLength))
})

test('what is no text is no name', () => {
  for (const value of [undefined, null, 1, {}, ['Ann']]) expect(tidyName(value)).toBe('')
})
