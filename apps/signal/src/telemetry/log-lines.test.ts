import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { logLines } from './log-lines.ts'

const folder = fileURLToPath(new URL('../', import.meta.url))
const files = globSync('**/*.ts', { cwd: folder }).filter(
  (file) => !/\.test\.|\.conformance\.|testing\//.test(file),
)

/** Matches each log call with its level and message, also across several lines. */
const calls = /\blog\s*\.(info|warn|error|fatal|debug|trace)\(\s*(?:[^'"`]*?,\s*)?'([^']+)'/g

const logged = files.flatMap((file) =>
  [...readFileSync(`${folder}${file}`, 'utf8').matchAll(calls)].map(([, level, line = '']) => ({
    level,
    line,
  })),
)

test('every log message is documented, and nothing else is', () => {
  const visible = logged.filter(({ level }) => level !== 'debug' && level !== 'trace')
  expect([...new Set(visible.map(({ line }) => line))].toSorted()).toEqual(
    Object.keys(logLines).toSorted(),
  )
})

test('the pattern above matches every log call', () => {
  const anyCall = /\blog\s*\.(?:info|warn|error|fatal|debug|trace)\(/g
  const count = files.reduce(
    (sum, file) => sum + [...readFileSync(`${folder}${file}`, 'utf8').matchAll(anyCall)].length,
    0,
  )
  expect(logged).toHaveLength(count)
})
