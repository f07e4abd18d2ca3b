import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright'
import { unpacked, unpackedEnv } from './unpacked.ts'

/** What Playwright's `launch` takes to start the browser that was found. */
export interface Browser {
  readonly executablePath: string
  readonly args: string[]
  readonly env: Record<string, string>
}

/**
 * The browser that tests drive: `CHROMIUM_PATH`, else Playwright's, else the system's, else the one
 * that `ensure.ts` unpacked. `undefined` when there is none.
 *
 * @throws when `CHROMIUM_PATH` is set to what is not a browser: a wish is not passed over in silence.
 */
export function findBrowser(): Browser | undefined {
  const asked = process.env.CHROMIUM_PATH
  const executablePath = asked ? demand(asked) : candidates().find(starts)
  return executablePath === undefined ? undefined : describe(executablePath)
}

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

const fixed = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

function* candidates(): Generator<string> {
  yield chromium.executablePath()
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (directory !== '') for (const name of names) yield join(directory, name)
  }
  yield* fixed
  yield join(unpacked, 'chromium')
}

function demand(file: string): string {
  if (!existsSync(file)) throw new Error(`CHROMIUM_PATH names no file: ${file}`)
  if (!starts(file)) throw new Error(`CHROMIUM_PATH names a file that does not start: ${file}`)
  return file
}

/** Found is not enough: Ubuntu has a stub by this name, and a bare machine lacks libraries. */
function starts(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    return false
  }
  // Chrome for Windows opens a window in answer to `--version`.
  if (process.platform === 'win32') return true
  const env = { ...process.env, ...ownEnv(file) }
  return spawnSync(file, ['--version'], { stdio: 'ignore', env, timeout: 20_000 }).status === 0
}

function describe(executablePath: string): Browser {
  return {
    executablePath,
    args: [
      // Host candidates carry addresses in place of mDNS names, which not every machine resolves.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      // Chromium's sandbox cannot start as root, and npm's build has none.
      ...(isOwn(executablePath) || process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    env: { ...inherited(), ...ownEnv(executablePath) },
  }
}

const isOwn = (file: string): boolean => file.startsWith(unpacked)

const ownEnv = (file: string): Readonly<Record<string, string>> => (isOwn(file) ? unpackedEnv : {})

function inherited(): Record<string, string> {
  const set: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined) set[name] = value
  return set
}
