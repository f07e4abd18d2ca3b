/**
 * Measures the SDK between two pages of one browser against the raw channel and other libraries, in
 * alternating turns. Compare only ratios within a round: single figures drift with the machine.
 */
import { FlagError, ours, writeDocument, writeJson } from '@skein/bench-rounds'
import { measure } from './bench.ts'
import { type Flags, readFlags } from './flags.ts'

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
  // The PeerJS server leaves timers behind, which would keep this process alive.
  process.exit(await main(readFlags(process.argv.slice(2))))
} catch (error) {
  if (!(error instanceof FlagError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
