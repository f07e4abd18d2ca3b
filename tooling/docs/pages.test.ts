import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { closeCodes, errorEntries } from '@skein/protocol'
import { metricEntries, settingEntries } from '@skein/signal/reference'
import { expect, test } from 'vitest'
import { withIndex } from './adr-index.ts'
import { errorsPage } from './errors-page.ts'
import { anchorsOf, codeSpansOf, linksOf, type Page, pages, root } from './markdown.ts'
import { operationsPages, withOperations } from './operations.ts'

const all = pages()
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const api = read('packages/sdk/src/api.ts')

test('there are pages to check', () => {
  expect(all.map(({ path }) => path)).toContain('README.md')
  expect(all.length).toBeGreaterThan(8)
})

test('errors.md matches the catalogue', () => {
  // When this fails: npx -y pnpm@12 docs:write
  expect(read('docs/errors.md')).toBe(errorsPage({ errors: errorEntries, closeCodes }))
})

test('the list of decision records is complete', () => {
  // When this fails: npx -y pnpm@12 docs:write
  expect(withIndex(read('docs/adr/README.md'))).toBe(read('docs/adr/README.md'))
})

test.for(operationsPages)('the tables in %s match the server', async (path) => {
  // When this fails: npx -y pnpm@12 docs:write
  const page = read(path)
  expect(page).toContain('<!-- settings -->')
  expect(await withOperations(page)).toBe(page)
})

test('settings that pages name exist', () => {
  const known = new Set([...settingEntries().map(({ env }) => env), ...testSettings])
  const named = all
    .filter(isCurrent)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bSKEIN_[A-Z_]+[A-Z]\b/g)].map(([name]) => ({ path, name })),
    )
  expect(named.filter(({ name }) => !known.has(name))).toEqual([])
})

test('metrics that pages name exist', async () => {
  const known = (await metricEntries()).map(({ name }) => name)
  const named = all
    .filter(isCurrent)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bskein_[a-z_]+[a-z]\b/g)].map(([name]) => ({ path, name })),
    )
  const isKnown = (name: string): boolean =>
    known.some((one) => name === one || new RegExp(`^${one}_(bucket|sum|count)$`).test(name))
  expect(named.filter(({ name }) => !isKnown(name))).toEqual([])
})

test('members of a room that pages name exist', () => {
  const [, room = ''] = /^export interface Room\b[^{]*\{\n([\s\S]*?)^\}/m.exec(api) ?? []
  const members = [...room.matchAll(/^ {2}(?:readonly )?(\w+)/gm)].map(([, name = '']) => name)
  expect(members).toContain('channel')
  const named = all.filter(isCurrent).flatMap(({ path, text }) => {
    const code = codeSpansOf(text).join('\n')
    return [...code.matchAll(/(?<![/\w])room\.(\w+)/g)].map(([, name = '']) => ({ path, name }))
  })
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({ name }) => !members.includes(name))).toEqual([])
})

test('every alert has an entry in the operations guide', () => {
  const alerts = [...read('deploy/prometheus/skein.rules.yaml').matchAll(/alert: (\w+)/g)]
  const entries = [...read('docs/operations.md').matchAll(/^\| `(Skein\w+)` \|/gm)]
  expect(entries.map(([, name]) => name)).toEqual(alerts.map(([, name]) => name))
})

test.for(all)('the links in $path resolve', (page) => {
  expect(linksOf(page.text).flatMap((link) => brokenLink(page, link))).toEqual([])
})

test.for(all)('files that $path names exist', ({ path, text }) => {
  // A decision record describes its date, and may name files that were deleted since.
  if (path.startsWith('docs/adr/')) return expect(text).not.toBe('')
  // Test results exist only after a run.
  const named = codeSpansOf(text).filter(
    (code) => isOwnPath.test(code) && !code.includes('/test-results/'),
  )
  expect(named.filter((code) => !existsSync(join(root, code)))).toEqual([])
})

test.for(all)('commands that $path shows exist', ({ text }) => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
  const shown = [...text.matchAll(/pnpm@12 ([a-z][\w:-]*)/g)].map(([, name]) => name ?? '')
  const known = new Set([...Object.keys(scripts), 'exec', 'install', 'add'])
  expect(shown.filter((name) => !known.has(name))).toEqual([])
})

/** Decision records describe their date, not the current state. */
const isCurrent = ({ path }: Page): boolean => !path.startsWith('docs/adr/')

/** Settings that only the tests read. */
const testSettings = ['SKEIN_SEED', 'SKEIN_HISTORY', 'SKEIN_LONG', 'SKEIN_TEST_REDIS_URL'] as const

const isOwnPath =
  /^(?:packages|apps|tooling|examples|docs|deploy|\.ci|\.github|\.changeset)\/[\w./-]+$/

function brokenLink({ path, text }: Page, link: string): string[] {
  if (/^(?:https?|mailto):/.test(link)) return []
  const [file = '', anchor] = decodeURI(link).split('#')
  const target = file === '' ? path : posix.join(posix.dirname(path), file)
  if (!existsSync(join(root, target))) return [link]
  if (anchor === undefined || !target.endsWith('.md')) return []
  return anchorsOf(file === '' ? text : read(target)).has(anchor) ? [] : [link]
}
