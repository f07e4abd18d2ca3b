import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, packageRoot } from './format.ts'
import { generate } from './generate.ts'

for (const [path, source] of Object.entries(generate())) {
  const file = join(packageRoot, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, format(path, source))
}
