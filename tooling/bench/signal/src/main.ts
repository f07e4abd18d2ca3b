/**
 * Measures the server against a bare relay and other servers, all running at once on one core, in
 * alternating windows. Compare only ratios within a round: single figures drift with the machine.
 */
import { FlagError, ours, writeDocument, writeJson } from '@skein/bench-rounds'
import { measure } from './bench.ts'
import type { Flags } from './flags.ts'
import { readFlags } from './flags.ts'

const main = async (flags: Flags): Promise<number> => {
  const { machine, measured } = await measure(flags)
  if (flags.json !== null) await writeJson(flags.json, { machine, measured })
  if (flags.docs) await writeDocument(measured, machine)
  const isBroken = measured.some(({ samples }) =>
    samples.some((sample) => sample.contestant === ours && 'error' in sample),
  )
  return isBroken ? 1 : 0
}

try {
  process.exitCode = await main(readFlags(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof FlagError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
