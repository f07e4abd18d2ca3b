import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright'
import { unpacked, unpackedEnv } from './unpacked.ts'

/** The options for Playwright's `launch` that start this browser. */
export interface Browser {
  readonly executablePath: string
  readonly args: string[]
  readonly env: Record<string, string>
}

/**
 * Finds the browser for the tests: `CHROMIUM_PATH`, else Playwright's, else the system's, else the
 * one that `ensure.ts` unpacked. `undefined` when there is none.
 *
 * @throws when `CHROMIUM_PATH` is set but is not a browser, rather than silently using another one.
 */
export function findBrowser(): Browser | undefined {
  const requested = process.env.CHROMIUM_PATH
  const executablePath = requested ? checked(requested) : candidates().find(starts)
  return executablePath === undefined ? undefined : launchOptions(executablePath)
}

const commandNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

const installPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

function* candidates(): Generator<string> {
  yield chromium.executablePath()
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (directory !== '') for (const name of commandNames) yield join(directory, name)
  }
  yield* installPaths
  yield join(unpacked, 'chromium')
}

function checked(file: string): string {
  if (!existsSync(file)) throw new Error(`CHROMIUM_PATH points to a missing file: ${file}`)
  if (!starts(file)) throw new Error(`CHROMIUM_PATH points to a file that does not start: ${file}`)
  return file
}

/** A file may exist and not start: Ubuntu has a stub of this name, and libraries may be missing. */
function starts(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    return false
  }
  // On Windows, `chrome --version` opens a window.
  if (process.platform === 'win32') return true
  const env = { ...process.env, ...libraryEnv(file) }
  return spawnSync(file, ['--version'], { stdio: 'ignore', env, timeout: 20_000 }).status === 0
}

function launchOptions(executablePath: string): Browser {
  return {
    executablePath,
    args: [
      // Host candidates carry addresses instead of mDNS names, which not every machine resolves.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      // Chromium's sandbox cannot start as root, and the build from npm has none.
      ...(isUnpacked(executablePath) || process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    env: { ...definedEnv(), ...libraryEnv(executablePath) },
  }
}

const isUnpacked = (file: string): boolean => file.startsWith(unpacked)

const libraryEnv = (file: string): Readonly<Record<string, string>> =>
  isUnpacked(file) ? unpackedEnv : {}

function definedEnv(): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined) env[name] = value
  return env
}
