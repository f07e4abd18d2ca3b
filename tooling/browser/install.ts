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
import { chromiumPackage, unpacked } from './unpacked.ts'

/** One way to install a browser. */
export interface Installer {
  readonly name: string
  isPossible(): boolean
  install(): void
}

/** In the order they are tried: the one that changes the machine least comes first. */
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
  const workDir = mkdtempSync(`${unpacked}-`)
  const outDir = join(workDir, 'out')
  cpSync(chromiumPackage, workDir, { recursive: true })
  mkdirSync(outDir)
  // The package unpacks NSS, NSPR and expat only if it detects AWS Lambda.
  const env = { TMPDIR: outDir, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
  const isDone =
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: workDir }) &&
    run(process.execPath, ['unpack.mjs'], { cwd: workDir, env })
  if (isDone) writeFileSync(join(outDir, 'fonts', 'fonts.conf'), fontsConf)
  // A rename is atomic: a concurrent run sees the whole browser or nothing.
  if (isDone && !existsSync(unpacked)) renameSync(outDir, unpacked)
  rmSync(workDir, { recursive: true, force: true })
}

/**
 * The package's own fonts.conf lists only folders that exist on Lambda. Without any font, Chromium
 * crashes at the first form field ("SkFontMgr_FontConfigInterface.cpp: Not implemented", 153.0.0).
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

interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

function run(command: string, args: readonly string[], { cwd, env }: RunOptions): boolean {
  const result = spawnSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return result.status === 0
}
