import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export const packageRoot: string = join(import.meta.dirname, '..')

/** Runs the formatter until nothing changes: sources with many parentheses need several runs. */
export const format = (path: string, source: string): string => {
  const formatted = formatOnce(path, source)
  return formatted === source ? source : format(path, formatted)
}

const formatOnce = (path: string, source: string): string =>
  execFileSync(
    join(packageRoot, 'node_modules/.bin/biome'),
    ['check', '--write', `--stdin-file-path=${join(packageRoot, path)}`],
    { input: source, encoding: 'utf8' },
  )
