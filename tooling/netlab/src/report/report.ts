import { readFile } from 'node:fs/promises'
import type { Result } from '../run/run-rows.ts'
import type { Environment } from './environment.ts'

/** What one or several runs of the command measured. */
export interface Report {
  readonly environments: readonly Environment[]
  readonly results: readonly Result[]
}

export const merged = (reports: readonly Report[]): Report => ({
  environments: reports.flatMap(({ environments }) => environments),
  results: reports.flatMap(({ results }) => results),
})

export async function readReport(file: string): Promise<Report> {
  const report: Report = JSON.parse(await readFile(file, 'utf8'))
  return report
}
