import {
  describeMachine,
  FlagError,
  type Machine,
  type Measured,
  runAndPrint,
  whyLeftOut,
} from '@skein/bench-rounds'
import type { Flags } from './flags.ts'
import { whyNoGenerator } from './generator.ts'
import { type Cores, chooseCores } from './pin.ts'
import { skeinOptions } from './skein-options.ts'
import { Stage } from './stage.ts'

/** Runs what was asked for, and prints as it goes. */
export const measure = async (
  flags: Flags,
): Promise<{ readonly machine: Machine; readonly measured: readonly Measured[] }> => {
  const whyNot = whyNoGenerator()
  if (whyNot !== null) throw new FlagError(`The server cannot be measured here: ${whyNot}.`)
  const cores = chooseCores()
  const machine = describeMachine(`Node ${process.version}`)
  process.stdout.write(`${describeCores(cores)}\nskein: ${JSON.stringify(skeinOptions)}\n`)
  const measured: Measured[] = []
  for (const scenario of flags.only) {
    const reason = whyLeftOut(scenario, flags)
    if (reason !== null) {
      process.stdout.write(`\n${scenario.name}: left out, for ${reason}.\n`)
      continue
    }
    const stage = await Stage.set(cores)
    measured.push({ scenario, samples: await runAndPrint(scenario, { flags, stage }) })
    stage.strike()
  }
  return { machine, measured }
}

const describeCores = (cores: Cores | null): string =>
  cores === null
    ? 'Nothing is pinned: there is no `taskset`, or but one core. The figures say little.'
    : `All servers share core ${cores.server}; the generator is on core ${cores.generator}.`
