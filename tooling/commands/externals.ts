import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled } from '@skein/needs'

/** A program that some tests need, and the files that ask for it. */
export interface External {
  readonly program: string
  readonly files: readonly string[]
}

/** Which Debian package has a program, where it is not of its name. */
const debian: Readonly<Record<string, string>> = {
  turnserver: 'coturn',
  'systemd-analyze': 'systemd',
}

/** In `if (needs('…'))`, or in what a configuration spreads. */
const asked = /(?:\bif |\.\.\.)\([^()\n]*\bneeds\('([\w-]+)'\)/g

/** The programs that tests of the workspace ask for. */
export function externals(root: string): readonly External[] {
  const found = globSync('{packages,apps,tooling,examples}/**/*.ts', {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(asked)].map(([, program = '']) => ({
      program,
      file,
    })),
  )
  const byProgram = Map.groupBy(found, ({ program }) => program)
  return [...byProgram].toSorted().map(([program, asks]) => ({
    program,
    files: [...new Set(asks.map(({ file }) => file))].toSorted(),
  }))
}

/** One line for each program that is missing: what was not run for it, and how to get it. */
export function notRun(all: readonly External[]): readonly string[] {
  return all
    .filter(({ program }) => !isInstalled(program))
    .map(
      ({ program, files }) =>
        `– not run without ${program} (apt-get install ${debian[program] ?? program}): ${files.join(', ')}`,
    )
}
