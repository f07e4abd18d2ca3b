import {
  describeMachine,
  FlagError,
  type Machine,
  printTable,
  runScenario,
  type Sample,
  tableOf,
} from '@skein/bench-rounds'
import { findBrowser } from '@skein/browser'
import { type Browser, chromium } from 'playwright'
import type { Flags } from './flags.ts'
import { servePage } from './page-server.ts'
import type { Stage } from './pair.ts'
import type { Scenario } from './scenario.ts'
import { startServers } from './servers.ts'

export interface Measured {
  readonly scenario: Scenario
  readonly samples: readonly Sample[]
}

/** Runs what was asked for, each scenario in a browser of its own, and prints as it goes. */
export const measure = async (
  flags: Flags,
): Promise<{ readonly machine: Machine; readonly measured: readonly Measured[] }> => {
  const launch = launcher()
  // Playwright ends its browser with this process.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))
  const [pages, servers] = await Promise.all([servePage(), startServers()])
  const measured: Measured[] = []
  let machine: Machine | null = null
  for (const scenario of flags.only) {
    const whyNot = whyLeftOut(scenario, flags)
    if (whyNot !== null) {
      process.stdout.write(`\n${scenario.name}: left out, for ${whyNot}.\n`)
      continue
    }
    const browser = await launch()
    machine ??= describeMachine(`Chromium ${browser.version()}`)
    const stage = { browser, url: pages.url, servers: servers.addresses }
    measured.push({ scenario, samples: await runAndPrint(scenario, { flags, stage }) })
    await browser.close()
  }
  pages.close()
  await servers.close()
  return { machine: machine ?? describeMachine('no browser'), measured }
}

const launcher = (): (() => Promise<Browser>) => {
  const found = findBrowser()
  if (!found) throw new FlagError('No Chromium found: set CHROMIUM_PATH to its executable.')
  return () =>
    chromium.launch({
      ...found,
      // Headless there is nothing to draw with.
      args: [...found.args, '--disable-gpu'],
      handleSIGINT: false,
      handleSIGTERM: false,
    })
}

const whyLeftOut = (scenario: Scenario, { contestants }: Flags): string | null =>
  scenario.contestants.some((name) => contestants.has(name))
    ? (scenario.whyNot?.() ?? null)
    : `it is about ${scenario.contestants.join(', ')}`

const runAndPrint = async (
  scenario: Scenario,
  { flags, stage }: { readonly flags: Flags; readonly stage: Stage },
): Promise<readonly Sample[]> => {
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
