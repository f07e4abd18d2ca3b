import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { abilities, debianPackageOf, isInstalled } from '@skein/needs'

/** A program that some tests need, and the files of these tests. */
export interface External {
  readonly program: string
  readonly files: readonly string[]
}

/** Matches `if (needs('…', '…'))`, and `...(needs('…')` in a configuration. */
const needsCall = /(?:\bif |\.\.\.)\([^()]*\bneeds\(([^()]+)\)/g

/** The programs that tests of the workspace need. */
export function externals(root: string): readonly External[] {
  const found = globSync('{packages,apps,tooling,examples}/**/*.ts', {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(needsCall)]
      .flatMap(([, programs = '']) => [...programs.matchAll(/'([\w-]+)'/g)])
      .map(([, program = '']) => ({ program, file })),
  )
  const byProgram = Map.groupBy(found, ({ program }) => program)
  return [...byProgram].toSorted().map(([program, uses]) => ({
    program,
    files: [...new Set(uses.map(({ file }) => file))].toSorted(),
  }))
}

/** One line for each missing program: how to get it, and the files whose tests need it. */
export function notRun(all: readonly External[]): readonly string[] {
  return all
    .filter(({ program }) => !isInstalled(program))
    .map(
      ({ program, files }) =>
        `– not run: ${program} is missing (${howToGet(program)}): ${files.join(', ')}`,
    )
}

const howToGet = (program: string): string =>
  abilities[program] ?? `apt-get install ${debianPackageOf(program)}`
