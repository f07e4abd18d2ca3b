import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { logLines } from './log-lines.ts'

const folder = fileURLToPath(new URL('../', import.meta.url))
const files = globSync('**/*.ts', { cwd: folder }).filter(
  (file) => !/\.test\.|\.conformance\.|testing\//.test(file),
)

/** The level and the sentence of each call of the log, also where it goes over several lines. */
const calls = /\blog\s*\.(info|warn|error|fatal|debug|trace)\(\s*(?:[^'"`]*?,\s*)?'([^']+)'/g

const said = files.flatMap((file) =>
  [...readFileSync(`${folder}${file}`, 'utf8').matchAll(calls)].map(([, level, line = '']) => ({
    level,
    line,
  })),
)

test('every line of the log is explained, and every explanation is of a line', () => {
  const shown = said.filter(({ level }) => level !== 'debug' && level !== 'trace')
  expect([...new Set(shown.map(({ line }) => line))].toSorted()).toEqual(
    Object.keys(logLines).toSorted(),
  )
})

test('no call of the log escapes the test above', () => {
  const anyCall = /\blog\s*\.(?:info|warn|error|fatal|debug|trace)\(/g
  const count = files.reduce(
    (sum, file) => sum + [...readFileSync(`${folder}${file}`, 'utf8').matchAll(anyCall)].length,
    0,
  )
  expect(said).toHaveLength(count)
})
