import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { abilities, isInstalled } from '@skein/needs'

/** A program that some tests need, and the files of these tests. */
export interface External {
  readonly program: string
  readonly files: readonly string[]
}

/** The Debian package of each program, if its name differs. */
const debianPackages: Readonly<Record<string, string>> = {
  firefox: 'firefox-esr',
  ip: 'iproute2',
  nft: 'nftables',
  turnserver: 'coturn',
  'systemd-analyze': 'systemd',
}

/** Matches `if (needs('…'))`, and `...(needs('…')` in a configuration. */
const needsCall = /(?:\bif |\.\.\.)\([^()\n]*\bneeds\('([\w-]+)'\)/g

/** The programs that tests of the workspace need. */
export function externals(root: string): readonly External[] {
  const found = globSync('{packages,apps,tooling,examples}/**/*.ts', {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(needsCall)].map(([, program = '']) => ({
      program,
      file,
    })),
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
  abilities[program] ?? `apt-get install ${debianPackages[program] ?? program}`
