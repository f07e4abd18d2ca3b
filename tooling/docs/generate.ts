// `pnpm docs:write`: updates the generated parts of the documents. The SDK must have been built.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeCodes, errorEntries } from '@skein/protocol'
import { withIndex } from './adr-index.ts'
import { errorsPage } from './errors-page.ts'
import { root } from './markdown.ts'
import { operationsPages, withOperations } from './operations.ts'
import { readFacts, readmes, withFacts } from './readme.ts'

writeFileSync(join(root, 'docs/errors.md'), errorsPage({ errors: errorEntries, closeCodes }))
await rewrite('docs/adr/README.md', withIndex)
const facts = readFacts()
for (const file of readmes) await rewrite(file, (text) => withFacts(text, facts))
for (const file of operationsPages) await rewrite(file, withOperations)
console.log(
  `docs: errors, decision records, operations and READMEs are up to date (${facts.sizeKib} KiB)`,
)

async function rewrite(
  file: string,
  change: (text: string) => string | Promise<string>,
): Promise<void> {
  const path = join(root, file)
  writeFileSync(path, await change(readFileSync(path, 'utf8')))
}
