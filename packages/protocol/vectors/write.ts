import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, packageRoot } from '../schema/format.ts'
import { vectorFiles } from './files.ts'

for (const [path, vectors] of Object.entries(vectorFiles())) {
  writeFileSync(join(packageRoot, path), format(path, JSON.stringify(vectors, null, 2)))
}
