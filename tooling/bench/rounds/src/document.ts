import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Machine } from './machine.ts'
import { type Described, printTable, tableOf } from './report.ts'
import type { Sample } from './run.ts'

/** The results of one scenario. */
export interface Measured {
  readonly scenario: Described
  readonly samples: readonly Sample[]
}

const path = fileURLToPath(new URL('../../../../docs/benchmarks.md', import.meta.url))

/** Writes the tables into docs/benchmarks.md. */
export const writeDocument = async (
  measured: readonly Measured[],
  machine: Machine,
): Promise<void> => {
  await writeFile(path, withTables(await readFile(path, 'utf8'), { measured, machine }))
}

/** Replaces the sections of the scenarios that ran; the others stay. */
export const withTables = (
  text: string,
  { measured, machine }: { readonly measured: readonly Measured[]; readonly machine: Machine },
): string =>
  measured.reduce(
    (page, one) => replaceSection(page, one.scenario.name, sectionOf(one, machine)),
    text,
  )

const replaceSection = (text: string, name: string, section: string): string => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`docs/benchmarks.md has no section for ${name}`)
  return `${text.slice(0, from + begin.length)}\n${section}\n${text.slice(to)}`
}

const sectionOf = ({ scenario, samples }: Measured, machine: Machine): string => {
  const rounds = 1 + Math.max(...samples.map(({ round }) => round))
  const notes = samples.flatMap((sample) => ('note' in sample && sample.note ? [sample.note] : []))
  return [
    `${capitalized(scenario.about)}.`,
    '',
    printTable(tableOf(scenario, samples)),
    ...notes.flatMap((note) => ['', note]),
    '',
    `${machine.date.slice(0, 10)}, ${describe(machine)}, load ${machine.load}, rounds: ${rounds}.`,
  ].join('\n')
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const describe = ({ platform, system, processor, cores, memoryGib }: Machine): string =>
  `${platform}, ${system}, ${cores} cores of ${processor}, ${memoryGib} GiB`
