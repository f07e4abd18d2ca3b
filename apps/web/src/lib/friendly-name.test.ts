import { expect, test } from 'vitest'
import { dyes } from './dyes.ts'
import { friendlyName } from './friendly-name.ts'
import { tidyName } from './tidy-name.ts'

test('a proposed name fits the colour and the language', () => {
  expect(friendlyName('en', 'moss', 0)).toBe('Mossy goose')
  expect(friendlyName('zh-CN', 'moss', 0)).toBe('苔色的大雁')
  expect(friendlyName('en', 'slate', 8)).toBe('Misty goose')
})

test('every proposed name is one that the site accepts, and no two are the same', () => {
  for (const locale of ['en', 'zh-CN'] as const) {
    const names = dyes.flatMap((dye) =>
      Array.from({ length: 8 }, (_, n) => friendlyName(locale, dye, n)),
    )
    expect(names.map(tidyName)).toEqual(names)
    expect(new Set(names).size).toBe(64)
  }
})
