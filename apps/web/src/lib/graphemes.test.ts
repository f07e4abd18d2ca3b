import { expect, onTestFinished, test, vi } from 'vitest'
import { graphemes, initialOf } from './graphemes.ts'

test('an initial is one character as people see it, and a capital', () => {
  expect(initialOf('👩‍👩‍👧 family')).toBe('👩‍👩‍👧')
  expect(initialOf('🇩🇪')).toBe('🇩🇪')
  expect(initialOf('e\u0301mile')).toBe('E\u0301')
  expect(initialOf('ann')).toBe('A')
  expect(initialOf('ßeta')).toBe('S')
  expect(initialOf('李梅')).toBe('李')
  expect(initialOf('فاطمة')).toBe('ف')
  expect(initialOf('')).toBe('')
})

test('a browser without a segmenter splits at code points', () => {
  vi.stubGlobal('Intl', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  expect(graphemes('a🦢b')).toEqual(['a', '🦢', 'b'])
})
