import type { Flags } from './flags.ts'
import { printTable, tableOf } from './report.ts'
import { runScenario, type Sample } from './run.ts'
import type { Scenario } from './scenario.ts'

/** Why a scenario is skipped, or `null`. */
export const whySkipped = <Name extends string, Stage>(
  scenario: Scenario<Name, Stage>,
  { contestants }: Pick<Flags<Name, unknown>, 'contestants'>,
): string | null =>
  scenario.contestants.some((name) => contestants.has(name))
    ? (scenario.whyNot?.() ?? null)
    : `it compares only ${scenario.contestants.join(', ')}`

/** Runs a scenario and prints its table. */
export const runAndPrint = async <Name extends string, Stage>(
  scenario: Scenario<Name, Stage>,
  { flags, stage }: { readonly flags: Flags<Name, unknown>; readonly stage: Stage },
): Promise<readonly Sample<Name>[]> => {
  process.stdout.write(`\n${scenario.name}: ${scenario.about}\n`)
  const samples = await runScenario(scenario, {
    stage,
    contestants: scenario.contestants.filter((name) => flags.contestants.has(name)),
    rounds: Math.min(flags.rounds, scenario.maxRounds ?? flags.rounds),
    onSample: (sample) => {
      if ('error' in sample) process.stderr.write(`  ${sample.contestant}: ${sample.error}\n`)
    },
  })
  process.stdout.write(`${printTable(tableOf(scenario, samples))}\n`)
  for (const sample of samples)
    if ('note' in sample && sample.note !== null) process.stdout.write(`${sample.note}\n`)
  return samples
}
