import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { abilities } from '@skein/needs'
import { expect, onTestFinished, test } from 'vitest'
import { externals } from './externals.ts'
import { root } from './run.ts'

const script = join(root, '.ci/run')

/** Runs `.ci/run` with only these programs (name to Bash script) on the PATH. */
function runWith(programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'skein-ci-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, code] of Object.entries({ dirname: 'echo .ci', ...programs })) {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/bash\n${code}\n`)
    chmodSync(file, 0o755)
  }
  const env = { PATH: folder }
  const { status, stdout, stderr } = spawnSync('/bin/bash', [script], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** Prints how npx was called, and whether all programs are required. */
const npx = 'echo npx "$@" $TEST_REQUIRES_EXTERNALS'
const all = {
  'redis-server': '',
  turnserver: '',
  'systemd-analyze': '',
  firefox: '',
  chromium: '',
  ip: '',
  nft: '',
  conntrack: '',
  openssl: '',
  npx,
}

test('CI lists every program that a test needs', () => {
  const text = readFileSync(script, 'utf8')
  const missing = externals(root)
    .filter(({ program }) => !(program in abilities))
    .filter(({ program }) => !text.includes(` ${program}=`))
  // The first program of the list follows a quotation mark.
  expect(missing.filter(({ program }) => !text.includes(`"${program}=`))).toEqual([])
})

test('with every program installed, CI runs the test command and requires all programs', () => {
  expect(runWith(all)).toEqual({ status: 0, stdout: 'npx -y pnpm@12 test 1\n', stderr: '' })
})

test('missing programs are installed first', () => {
  const { turnserver: _, ...installed } = all
  const apt = { id: 'echo 0', env: 'shift; "$@"', 'apt-get': 'echo apt-get "$@"' }
  const { status, stdout } = runWith({ ...installed, ...apt })
  expect(status).toBe(0)
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'apt-get -qq update',
    'apt-get -qq install --no-install-recommends --yes coturn',
    'npx -y pnpm@12 test 1',
  ])
})

test('if nothing can be installed, one line says what is missing', () => {
  const { 'redis-server': _, turnserver: __, ...installed } = all
  const message = 'Some tests need redis-server coturn: install it, or run this as root.\n'
  expect(runWith({ ...installed, id: 'echo 1000' })).toEqual({
    status: 1,
    stdout: '',
    stderr: message,
  })
  expect(runWith({ ...installed, id: 'echo 0' }).stderr).toContain('there is no apt-get here')
})
