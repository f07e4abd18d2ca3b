import {
  describeMachine,
  FlagError,
  type Machine,
  type Measured,
  runAndPrint,
  whySkipped,
} from '@skein/bench-rounds'
import type { Flags } from './flags.ts'
import { whyNoGenerator } from './generator.ts'
import { type Cores, chooseCores } from './pin.ts'
import { skeinOptions } from './skein-options.ts'
import { Stage } from './stage.ts'

/** Runs the selected scenarios and prints results as it goes. */
export const measure = async (
  flags: Flags,
): Promise<{ readonly machine: Machine; readonly measured: readonly Measured[] }> => {
  const whyNot = whyNoGenerator()
  if (whyNot !== null) throw new FlagError(`Cannot measure the server on this machine: ${whyNot}.`)
  const cores = chooseCores()
  const machine = describeMachine(`Node ${process.version}`)
  process.stdout.write(`${describeCores(cores)}\nskein: ${JSON.stringify(skeinOptions)}\n`)
  const measured: Measured[] = []
  for (const scenario of flags.only) {
    const reason = whySkipped(scenario, flags)
    if (reason !== null) {
      process.stdout.write(`\n${scenario.name}: skipped: ${reason}.\n`)
      continue
    }
    const stage = await Stage.open(cores)
    measured.push({ scenario, samples: await runAndPrint(scenario, { flags, stage }) })
    stage.close()
  }
  return { machine, measured }
}

const describeCores = (cores: Cores | null): string =>
  cores === null
    ? 'No CPU pinning: `taskset` is missing or there is only one core. The figures mean little.'
    : `All servers share core ${cores.server}; the generator is on core ${cores.generator}.`
