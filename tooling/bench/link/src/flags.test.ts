import { expect, test } from 'vitest'
import { FlagError, readFlags } from './flags.ts'

test('without flags everything runs, seven rounds', () => {
  const { only, contestants, rounds, json, docs } = readFlags([])
  expect(only.length).toBeGreaterThan(10)
  expect(contestants).toContain('trystero')
  expect([rounds, json, docs]).toEqual([7, null, false])
})

test('flags restrict what runs, with or without the mark that pnpm hands on', () => {
  const { only, contestants, rounds } = readFlags([
    '--',
    '--only=burst,bulk',
    '--contestants=skein,raw',
    '--rounds=3',
  ])
  expect(only.map(({ name }) => name)).toEqual(['burst', 'bulk'])
  expect([...contestants]).toEqual(['skein', 'raw'])
  expect(rounds).toBe(3)
})

test.for([
  ['--only=nothing', 'There is no scenario "nothing"; there are bulk,'],
  ['--contestants=raw,rwa', 'There is no contestant "rwa"; there are skein, raw,'],
  ['--rounds=none', '--rounds takes a whole number from 1 to 100, not "none".'],
  ['--rounds=1.5', '--rounds takes a whole number from 1 to 100, not "1.5".'],
  ['--fast', 'Known flags are --only=SCENARIO,…'],
  ['bulk', 'Known flags are --only=SCENARIO,…'],
] as const)('%s is refused with a sentence', ([flag, sentence]) => {
  expect(() => readFlags([flag])).toThrow(FlagError)
  expect(() => readFlags([flag])).toThrow(sentence)
})
