import { expect, test } from 'vitest'
import { FlagError, readFlags } from './flags.ts'

const choice = {
  scenarios: [{ name: 'speed' }, { name: 'memory' }],
  names: ['raw', 'skein'],
  rounds: 7,
}

test('without flags everything runs, with the default number of rounds', () => {
  const { only, contestants, rounds, json, docs } = readFlags([], choice)
  expect(only).toBe(choice.scenarios)
  expect([...contestants]).toEqual(choice.names)
  expect([rounds, json, docs]).toEqual([7, null, false])
})

test('flags restrict what runs, with or without the `--` that pnpm passes on', () => {
  const { only, contestants, rounds } = readFlags(
    ['--', '--only=memory,speed', '--contestants=skein', '--rounds=3'],
    choice,
  )
  expect(only.map(({ name }) => name)).toEqual(['memory', 'speed'])
  expect([...contestants]).toEqual(['skein'])
  expect(rounds).toBe(3)
})

test.for([
  ['--only=nothing', 'Unknown scenario "nothing". Known: speed, memory.'],
  ['--contestants=raw,rwa', 'Unknown contestant "rwa". Known: raw, skein.'],
  ['--rounds=none', '--rounds must be an integer from 1 to 100, not "none".'],
  ['--rounds=1.5', '--rounds must be an integer from 1 to 100, not "1.5".'],
  ['--fast', 'Known flags are --only=SCENARIO,…'],
  ['speed', 'Known flags are --only=SCENARIO,…'],
] as const)('%s is rejected with a message', ([flag, message]) => {
  expect(() => readFlags([flag], choice)).toThrow(FlagError)
  expect(() => readFlags([flag], choice)).toThrow(message)
})
