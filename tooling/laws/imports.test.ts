import { expect, test } from 'vitest'
import { importsOf } from './imports.ts'

const from = (text: string, path = 'packages/sdk/src/link/link.ts') => importsOf({ path, text })

test('relative imports become paths from the root', () => {
  expect(from(`import { a } from './stats.ts'\nimport type { B } from '../time/clock.ts'`)).toEqual(
    ['packages/sdk/src/link/stats.ts', 'packages/sdk/src/time/clock.ts'],
  )
})

test('imports are found in every form', () => {
  const text = `import {
  a,
  type B,
} from '@skein/protocol'
import 'ws'
export * from 'node:fs'
export { c, e } from "hono"
const d = await import('pino')
type F = typeof import('jose')
type G = import('svelte').Snippet`
  expect(from(text).toSorted()).toEqual(
    ['@skein/protocol', 'ws', 'node:fs', 'hono', 'pino', 'jose', 'svelte'].toSorted(),
  )
})

test('imports in comments, strings and templates are not imports', () => {
  expect(
    from(`/**\n * import { a } from 'a'\n */\n// import 'b'\nexport const c = \`\nimport 'd'\``),
  ).toEqual([])
})

test('an export with a string is not an import', () => {
  expect(from(`export const a = 'from'\nexport const b = { from: 'c' }`)).toEqual([])
})

test('the scripts of a Svelte component are read', () => {
  const component = `<script module lang="ts">
import type { A } from './a.ts'
</script>
<script lang="ts">
  import B from './B.svelte'
</script>
<p>import 'c'</p>`
  expect(from(component, 'apps/web/src/room/Room.svelte')).toEqual([
    'apps/web/src/room/a.ts',
    'apps/web/src/room/B.svelte',
  ])
})
