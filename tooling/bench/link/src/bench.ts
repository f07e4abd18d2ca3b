import {
  describeMachine,
  FlagError,
  type Machine,
  type Measured,
  runAndPrint,
  whySkipped,
} from '@skein/bench-rounds'
import { findBrowser } from '@skein/browser'
import { type Browser, chromium } from 'playwright'
import type { Flags } from './flags.ts'
import { servePage } from './page-server.ts'
import { startServers } from './servers.ts'

/** Runs the selected scenarios, each in its own browser, and prints results as it goes. */
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
    const whyNot = whySkipped(scenario, flags)
    if (whyNot !== null) {
      process.stdout.write(`\n${scenario.name}: skipped: ${whyNot}.\n`)
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
      // A headless browser has no GPU.
      args: [...found.args, '--disable-gpu'],
      handleSIGINT: false,
      handleSIGTERM: false,
    })
}
