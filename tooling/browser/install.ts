import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recipe, unpacked } from './unpacked.ts'

/** One way to come by a browser. */
export interface Installer {
  readonly name: string
  isPossible(): boolean
  install(): void
}

/** In order of how little they ask of the machine. */
export const installers: readonly Installer[] = [
  {
    name: "npm's @sparticuz/chromium",
    isPossible: () => process.platform === 'linux' && process.arch === 'x64',
    install: fromNpm,
  },
  { name: 'playwright install', isPossible: () => true, install: fromPlaywright },
  { name: 'apt-get install chromium', isPossible: isRootOnDebian, install: fromDebian },
]

function fromNpm(): void {
  mkdirSync(dirname(unpacked), { recursive: true })
  const work = mkdtempSync(`${unpacked}-`)
  const out = join(work, 'out')
  cpSync(recipe, work, { recursive: true })
  mkdirSync(out)
  // Said to be on Lambda, the package also unpacks NSS, NSPR and expat.
  const env = { TMPDIR: out, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
  const isDone =
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work }) &&
    run(process.execPath, ['unpack.mjs'], { cwd: work, env })
  if (isDone) writeFileSync(join(out, 'fonts', 'fonts.conf'), fontsConf)
  // A rename is atomic: a second run at the same time sees all of the browser or none of it.
  if (isDone && !existsSync(unpacked)) renameSync(out, unpacked)
  rmSync(work, { recursive: true, force: true })
}

/**
 * The package's own looks for its fonts in the folders of Lambda alone. Without any font Chromium
 * ends at the first form field ("SkFontMgr_FontConfigInterface.cpp: Not implemented", 153.0.0).
 */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

function fromPlaywright(): void {
  const cli = fileURLToPath(new URL('node_modules/playwright/cli.js', import.meta.url))
  run(process.execPath, [cli, 'install', '--no-shell', 'chromium'], {})
}

function isRootOnDebian(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false
  return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}

function fromDebian(): void {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-qq', '-y', '--no-install-recommends', 'chromium']
  if (run('apt-get', ['update', '-qq'], { env })) run('apt-get', install, { env })
}

interface Surroundings {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

function run(command: string, args: readonly string[], { cwd, env }: Surroundings): boolean {
  const result = spawnSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return result.status === 0
}
