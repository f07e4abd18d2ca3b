import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Measured } from './document.ts'
import type { Machine } from './machine.ts'
import { summaryOf } from './report.ts'

export interface Result {
  readonly machine: Machine
  readonly measured: readonly Measured[]
}

/** Writes all results, with a summary of each scenario. */
export const writeJson = async (file: string, { machine, measured }: Result): Promise<void> => {
  // pnpm runs a script in its package's folder; INIT_CWD is where it was called.
  const path = resolve(process.env.INIT_CWD ?? '.', file)
  const scenarios = measured.map(({ scenario, samples }) => ({
    name: scenario.name,
    about: scenario.about,
    summary: summaryOf(scenario, samples),
    samples,
  }))
  await writeFile(path, `${JSON.stringify({ ...machine, scenarios }, null, 1)}\n`)
}
