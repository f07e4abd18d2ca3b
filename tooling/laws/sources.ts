import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importsOf } from './imports.ts'

/** A source file written by hand. `path` is relative to the root: `packages/sdk/src/link/link.ts`. */
export interface Source {
  readonly path: string
  readonly text: string
  /** Files by their path from the root, packages by name. */
  readonly imports: readonly string[]
}

/** The root of the repository. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

const generated = new Set([
  'node_modules',
  'dist',
  'paraglide',
  'coverage',
  'test-results',
  '.turbo',
])

/** Every source file of the workspace. */
export function sources(): readonly Source[] {
  const files = globSync('{packages,apps,tooling,examples}/**/*.{ts,mjs,js,svelte}', {
    cwd: root,
    exclude: (name) => name.split('/').some((part) => generated.has(part)),
  })
  return files.toSorted().map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, text, imports: importsOf({ path, text }) }
  })
}

/** Whether a file is a test, or used by tests only. */
export function isTest(path: string): boolean {
  return /\.(test|spec|browser|conformance|testing|fixture|e2e)\.ts$|\/(test|tests|testing|e2e)\//.test(
    path,
  )
}
