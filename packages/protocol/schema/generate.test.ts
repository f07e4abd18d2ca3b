import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { format, packageRoot } from './format.ts'
import { generate } from './generate.ts'

test.each(Object.entries(generate()))('%s matches the schemas', (path, source) => {
  const committed = readFileSync(join(packageRoot, path), 'utf8')
  expect(committed, 'run `pnpm --filter @skein/protocol generate`').toBe(format(path, source))
})

test('the generated files do not need TypeBox', () => {
  for (const source of Object.values(generate())) {
    expect(source).not.toMatch(/typebox|Guard|Hashing|External|bigint/)
  }
})
