import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { findBrowser } from '@skein/browser'
import type { BrowserKind } from '../browsers/browser.ts'

/** When and where the results were measured. */
export interface Environment {
  readonly date: string
  readonly system: string
  readonly processor: string
  readonly cores: number
  /** The load average of the last minute when the measurement began. */
  readonly load: number
  readonly browsers: readonly string[]
  readonly seed: number
}

export function readEnvironment(browsers: readonly BrowserKind[], seed: number): Environment {
  return {
    date: new Date().toISOString(),
    system: `Linux ${release()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    browsers: ['chromium' as const, ...browsers.filter((one) => one === 'firefox')].map(versionOf),
    seed,
  }
}

function versionOf(browser: BrowserKind): string {
  const program = browser === 'firefox' ? browser : (findBrowser()?.executablePath ?? browser)
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return /\w+(?: Firefox)? [\d.]+\w*/.exec(stdout)?.[0] ?? browser
}
