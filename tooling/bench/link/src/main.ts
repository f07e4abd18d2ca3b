/**
 * Measures the SDK between two pages of one browser, against the raw channel and other libraries,
 * which take turns. Only ratios within a round mean something: single figures drift with the machine.
 */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Measured, measure } from './bench.ts'
import { writeDocument } from './document.ts'
import { FlagError, type Flags, readFlags } from './flags.ts'
import type { Machine } from './machine.ts'
import { ours, summaryOf } from './report.ts'

const main = async (flags: Flags): Promise<number> => {
  const { machine, measured } = await measure(flags)
  if (flags.json !== null) await writeJson(flags.json, { machine, measured })
  if (flags.docs) await writeDocument(measured, machine)
  const isBroken = measured.some(({ samples }) =>
    samples.some((sample) => sample.contestant === ours && 'error' in sample),
  )
  return isBroken ? 1 : 0
}

interface Result {
  readonly machine: Machine
  readonly measured: readonly Measured[]
}

const writeJson = async (file: string, { machine, measured }: Result): Promise<void> => {
  // pnpm runs this in the folder of the package, and says where it was asked.
  const path = resolve(process.env.INIT_CWD ?? '.', file)
  const scenarios = measured.map(({ scenario, samples }) => ({
    name: scenario.name,
    about: scenario.about,
    summary: summaryOf(scenario, samples),
    samples,
  }))
  await writeFile(path, `${JSON.stringify({ ...machine, scenarios }, null, 1)}\n`)
}

try {
  // The server of peerjs leaves timers behind: nothing else would end this process.
  process.exit(await main(readFlags(process.argv.slice(2))))
} catch (error) {
  if (!(error instanceof FlagError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
