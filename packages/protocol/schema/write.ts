import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generate } from './generate.ts'

const root = join(import.meta.dirname, '..')

for (const [path, source] of Object.entries(generate())) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), format(path, source))
}

function format(path: string, source: string): string {
  const biome = join(root, '../../node_modules/.bin/biome')
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], {
    input: source,
    encoding: 'utf8',
  })
}
