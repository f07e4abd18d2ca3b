/**
 * Measures the SDK between two pages of one browser, against the raw channel and other libraries,
 * which take turns. Only ratios within a round mean something: single figures drift with the machine.
 */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findBrowser } from '@skein/browser'
import { chromium } from 'playwright'
import { FlagError, type Flags, readFlags } from './flags.ts'
import { machine } from './machine.ts'
import { servePage } from './page-server.ts'
import { printTable, tableOf } from './report.ts'
import { runScenario, type Sample } from './run.ts'
import type { Scenario } from './scenario.ts'
import { startServers } from './servers.ts'

const main = async (flags: Flags): Promise<void> => {
  const found = findBrowser()
  if (!found) throw new FlagError('No Chromium found: set CHROMIUM_PATH to its executable.')
  const [pages, servers] = await Promise.all([servePage(), startServers()])
  const samples: Sample[] = []
  // Playwright ends its browser with this process.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))
  try {
    for (const scenario of flags.only) {
      const whyNot = scenario.whyNot?.() ?? null
      if (whyNot !== null) {
        process.stdout.write(`\n${scenario.name}: left out, for ${whyNot}.\n`)
        continue
      }
      const browser = await chromium.launch({
        ...found,
        args: [...found.args, ...extraArgs],
        handleSIGINT: false,
        handleSIGTERM: false,
      })
      const stage = { browser, url: pages.url, servers: servers.addresses }
      samples.push(...(await runOne(scenario, { flags, stage })))
      await browser.close()
    }
  } finally {
    pages.close()
    await servers.close()
  }
  if (flags.json !== null) await writeJson(flags.json, samples)
}

/** Headless there is nothing to draw with. */
const extraArgs = ['--disable-gpu']

const runOne = async (
  scenario: Scenario,
  { flags, stage }: { readonly flags: Flags; readonly stage: Parameters<Scenario['open']>[0] },
): Promise<readonly Sample[]> => {
  const contestants = scenario.contestants.filter((name) => flags.contestants.has(name))
  process.stdout.write(`\n${scenario.name}: ${scenario.about}\n`)
  const samples = await runScenario(scenario, {
    stage,
    contestants,
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

const writeJson = async (file: string, samples: readonly Sample[]): Promise<void> => {
  // pnpm runs this in the folder of the package, and says where it was asked.
  const path = resolve(process.env.INIT_CWD ?? '.', file)
  await writeFile(path, `${JSON.stringify({ ...machine(), samples }, null, 1)}\n`)
}

try {
  await main(readFlags(process.argv.slice(2)))
  // The server of peerjs leaves timers behind.
  process.exit(0)
} catch (error) {
  if (!(error instanceof FlagError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
