import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Machine } from './machine.ts'
import { type Described, printTable, tableOf } from './report.ts'
import type { Sample } from './run.ts'

/** What one scenario showed. */
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

/** Replaces the parts of the scenarios that were run; the others stay. */
export const withTables = (
  text: string,
  { measured, machine }: { readonly measured: readonly Measured[]; readonly machine: Machine },
): string =>
  measured.reduce((so, one) => replacePart(so, one.scenario.name, partOf(one, machine)), text)

const replacePart = (text: string, name: string, part: string): string => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`docs/benchmarks.md has no place for ${name}`)
  return `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`
}

const partOf = ({ scenario, samples }: Measured, machine: Machine): string => {
  const rounds = 1 + Math.max(...samples.map(({ round }) => round))
  const notes = samples.flatMap((sample) => ('note' in sample && sample.note ? [sample.note] : []))
  return [
    `${scenario.about}.`,
    '',
    printTable(tableOf(scenario, samples)),
    ...notes.flatMap((note) => ['', note]),
    '',
    `${machine.date.slice(0, 10)}, ${describe(machine)}, load ${machine.load}, rounds: ${rounds}.`,
  ].join('\n')
}

const describe = ({ platform, system, processor, cores, memoryGib }: Machine): string =>
  `${platform}, ${system}, ${cores} cores of ${processor}, ${memoryGib} GiB`
