// `pnpm docs:write`: writes what the documents say of the code. The SDK must have been built.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeCodes, errorEntries } from '@skein/protocol'
import { withIndex } from './adr-index.ts'
import { errorsPage } from './errors-page.ts'
import { root } from './markdown.ts'
import { readFacts, readmes, withFacts } from './readme.ts'

writeFileSync(join(root, 'docs/errors.md'), errorsPage({ errors: errorEntries, closeCodes }))
rewrite('docs/adr/README.md', withIndex)
const facts = readFacts()
for (const file of readmes) rewrite(file, (text) => withFacts(text, facts))
console.log(`docs: errors, decisions and READMEs are up to date (${facts.sizeKib} KiB)`)

function rewrite(file: string, change: (text: string) => string): void {
  const path = join(root, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}
