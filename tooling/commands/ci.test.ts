import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { externals } from './externals.ts'
import { root } from './run.ts'

const script = join(root, '.ci/run')

/** Runs it on a machine that has these programs and no others; each says how it was called. */
function runWith(programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'skein-ci-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries({ dirname: 'echo .ci', ...programs })) {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/bash\n${text}\n`)
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

const call = (name: string): string => `echo ${name} "$@" $SKEIN_REQUIRE_EXTERNALS`
const all = { 'redis-server': '', turnserver: '', 'systemd-analyze': '', npx: call('npx') }

test('CI knows every program that a test asks for', () => {
  const text = readFileSync(script, 'utf8')
  const missing = externals(root).filter(({ program }) => !text.includes(` ${program}=`))
  // The first of the list stands behind a quotation mark.
  expect(missing.filter(({ program }) => !text.includes(`"${program}=`))).toEqual([])
})

test('with every program there, CI is the test command, which may leave nothing out', () => {
  expect(runWith(all)).toEqual({ status: 0, stdout: 'npx -y pnpm@12 test 1\n', stderr: '' })
})

test('what is missing is installed first', () => {
  const { turnserver: _, ...some } = all
  const apt = { id: 'echo 0', env: 'shift; "$@"', 'apt-get': 'echo apt-get "$@"' }
  const { status, stdout } = runWith({ ...some, ...apt })
  expect(status).toBe(0)
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'apt-get -qq update',
    'apt-get -qq install --no-install-recommends --yes coturn',
    'npx -y pnpm@12 test 1',
  ])
})

test('where nothing can be installed, one sentence says what is missing', () => {
  const { 'redis-server': _, turnserver: __, ...some } = all
  const sentence = 'Some tests need redis-server coturn: install it, or run this as root.\n'
  expect(runWith({ ...some, id: 'echo 1000' })).toEqual({ status: 1, stdout: '', stderr: sentence })
  expect(runWith({ ...some, id: 'echo 0' }).stderr).toContain('there is no apt-get here')
})
