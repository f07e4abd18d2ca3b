import { expect, test } from 'vitest'
import { OptionError, readOptions } from './options.ts'
import { screenNames } from './screen-names.ts'

test('without options, all screens are taken in all sizes, themes and languages', () => {
  const { screens, sizes, themes, languages } = readOptions([])
  expect(screens).toEqual(screenNames)
  expect(sizes).toHaveLength(5)
  expect([themes, languages]).toEqual([
    ['light', 'dark'],
    ['en', 'zh-CN'],
  ])
})

test('options choose among them, and may name any size', () => {
  const args = ['--screens=start,menu', '--sizes=1024x768', '--themes=dark', '--languages=en']
  expect(readOptions([...args, '--out=/tmp/pictures'])).toEqual({
    screens: ['start', 'menu'],
    sizes: [{ width: 1_024, height: 768 }],
    themes: ['dark'],
    languages: ['en'],
    out: '/tmp/pictures',
  })
})

test.each([
  ['--screens=home', 'It knows: start, invitation'],
  ['--screens=', 'It knows: start'],
  ['--themes=blue', 'It knows: light, dark.'],
  ['--languages=de', 'It knows: en, zh-CN.'],
  ['--sizes=360', 'A size is like 360x740'],
  ['--sizes=0x740', 'A size is like 360x740'],
  ['--sizes=99999x1', 'A size is like 360x740'],
  ['--out=', 'needs a directory'],
  ['--frame', 'shots [--screens=NAME,…]'],
  ['start', 'shots [--screens=NAME,…]'],
])('%s is refused with a sentence', (arg, sentence) => {
  expect(() => readOptions([arg])).toThrow(OptionError)
  expect(() => readOptions([arg])).toThrow(sentence)
})
