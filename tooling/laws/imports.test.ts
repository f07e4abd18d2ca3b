import { expect, test } from 'vitest'
import { importsOf } from './imports.ts'

const from = (text: string) => importsOf({ path: 'packages/sdk/src/link/ice.ts', text })

test('relative imports become paths from the root', () => {
  expect(from(`import { a } from './stats.ts'\nimport type { B } from '../clock.ts'`)).toEqual([
    'packages/sdk/src/link/stats.ts',
    'packages/sdk/src/time/clock.ts',
  ])
})

test('imports in every form are found', () => {
  const text = `import {
  a,
  type B,
} from '@skein/protocol'
import 'ws'
export * from 'node:fs'
export { c } from "hono"
const d = await import('pino')`
  expect(from(text)).toEqual(['@skein/protocol', 'ws', 'node:fs', 'hono', 'pino'])
})

test('imports in comments are not imports', () => {
  expect(from(`/**\n * import { a } from 'a'\n */\n// import 'b'\nexport const c = 1`)).toEqual([])
})

test('an export with a string is not an import', () => {
  expect(from(`export const a = 'from'\nexport const b = { from: 'c' }`)).toEqual([])
})
