import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientLog, Entry } from '../history/log.ts'
import type { RunSummary } from '../history/run-summary.ts'

const folder = join(import.meta.dirname, '../test-results/histories')

/** Describes a summary in one line, for the output of the tests. */
export function describeSummary(summary: RunSummary): string {
  const { signals, hostChanges, departures, withdrawnJoins, overtaken, gaps } = summary
  const closes = Object.entries(summary.closes).map(([code, count]) => `${count}× ${code}`)
  return [
    `${signals.sent} signals: ${signals.delivered} delivered, ${signals.reported} reported undeliverable`,
    `${signals.lostWithSender} lost with the sender's connection`,
    `${signals.lostWithReceiver} lost with the receiver's connection`,
    `${signals.unexplained.length} unexplained, ${overtaken} overtaken`,
    `${hostChanges.length} host, ${departures.length} peer-left, ${withdrawnJoins} joins withdrawn`,
    `${gaps} gaps resynced, ${summary.rejectedResumes} resumes rejected`,
    `connections closed: ${closes.join(', ') || 'none'}`,
  ].join('; ')
}

/** Writes all entries of the clients to a file, sorted by time, one per line; returns its path. */
export function writeHistory(title: string, logs: readonly ClientLog[]): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${title.replace(/\W+/g, '-').slice(0, 60)}.txt`)
  const all = logs.flatMap(({ name, entries }) => entries.map((entry) => ({ name, entry })))
  const lines = all
    .toSorted((one, other) => one.entry.at - other.entry.at)
    .map(({ name, entry }) => `${formatEntry(name, entry)}\n`)
  writeFileSync(file, lines.join(''))
  return file
}

function formatEntry(name: string, { at, connection, type, ...rest }: Entry): string {
  return `${at.toFixed(1)} ${name}/${connection} ${type} ${JSON.stringify(rest)}`
}
