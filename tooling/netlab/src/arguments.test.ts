import { expect, test } from 'vitest'
import { ArgumentError, readArguments, shortRows } from './arguments.ts'
import { rows } from './rows/rows.ts'

const namesOf = (...args: readonly string[]): readonly string[] =>
  readArguments(args).rows.map(({ name }) => name)

test('without arguments, every row runs once with STUN in Chromium', () => {
  const { rows: picked, kinds, runs, browsers, delayMs, out, from } = readArguments([])
  expect(picked).toEqual(rows)
  expect({ kinds, runs, browsers, delayMs, out, from }).toEqual({
    kinds: ['stun'],
    runs: 1,
    browsers: ['chromium'],
    delayMs: 0,
    out: [],
    from: [],
  })
})

test('every argument is read', () => {
  const args = ['--servers=udp,tls', '--runs=10', '--rooms=2', '--browsers=firefox,chromium']
  const others = ['--delay=20', '--seed=7', '--out=a.json,b.md', '--from=c.json', '--']
  const { rows: _, ...read } = readArguments([...args, ...others])
  expect(read).toEqual({
    kinds: ['udp', 'tls'],
    runs: 10,
    rooms: 2,
    browsers: ['firefox', 'chromium'],
    delayMs: 20,
    seed: 7,
    out: ['a.json', 'b.md'],
    from: ['c.json'],
  })
})

test('rows are picked by name, in the order asked for', () => {
  expect(namesOf('--rows=swap,drop10')).toEqual(['swap', 'drop10'])
})

test('the short form has rows of its own, which all exist', () => {
  expect(namesOf('--short')).toEqual(shortRows)
  expect(readArguments(['--short']).kinds).toEqual(['stun', 'tcp'])
})

test.for([
  ['--rows=drop10,nothing', '--rows does not know "nothing". It knows: matrix, '],
  ['--servers=turn', '--servers does not know "turn". It knows: stun, udp, tcp, tls.'],
  ['--browsers=safari', '--browsers does not know "safari". It knows: chromium, firefox.'],
  ['--runs=0', '--runs takes a whole number from 1 to 1000, not "0".'],
  ['--runs=', '--runs takes a whole number from 1 to 1000, not "".'],
  ['--rooms=17', '--rooms takes a whole number from 1 to 16, not "17".'],
  ['--delay=1.5', '--delay takes a whole number from 0 to 2000, not "1.5".'],
  ['--out=a.txt', '"a.txt" does not end in .json or .md.'],
  ['--from=a.md', '"a.md" does not end in .json.'],
  ['--row=drop10', 'Unknown argument. Usage: netlab [--rows=NAME,…]'],
  ['drop10', 'Unknown argument. Usage: netlab [--rows=NAME,…]'],
] as const)('%s is refused', ([arg, message]) => {
  expect(() => readArguments([arg])).toThrow(ArgumentError)
  expect(() => readArguments([arg])).toThrow(message)
})

test('--short does not go with --rows', () => {
  expect(() => readArguments(['--short', '--rows=swap'])).toThrow('--short has rows of its own')
})
