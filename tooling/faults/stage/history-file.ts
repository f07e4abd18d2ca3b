import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientLog, Entry } from '../history/log.ts'

const folder = join(import.meta.dirname, '../test-results/histories')

/** Writes all that clients saw, in the order of time, a line each; gives the file. */
export function writeHistory(title: string, logs: readonly ClientLog[]): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${title.replace(/\W+/g, '-').slice(0, 60)}.txt`)
  const all = logs.flatMap(({ name, entries }) => entries.map((entry) => ({ name, entry })))
  const lines = all
    .toSorted((one, other) => one.entry.at - other.entry.at)
    .map(({ name, entry }) => `${lineOf(name, entry)}\n`)
  writeFileSync(file, lines.join(''))
  return file
}

function lineOf(name: string, { at, connection, type, ...rest }: Entry): string {
  return `${at.toFixed(1)} ${name}/${connection} ${type} ${JSON.stringify(rest)}`
}
