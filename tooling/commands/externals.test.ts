import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { externals, notRun } from './externals.ts'
import { root } from './run.ts'

test('programs that tests need are found, with the files that need them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-externals-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  // Apart, or this file would be found as well.
  const missing = 'not-installed'
  const testOf = (...programs: readonly string[]): string =>
    `if (\n  needs(\n${programs.map((program) => `    '${program}',\n`).join('')}  )\n) test()\n`
  write('apps/one/b.test.ts', testOf('not-installed') + testOf('node'))
  write('apps/one/src/a.test.ts', `if (needs('${missing}')) test()\n`)
  write('apps/two/d.test.ts', testOf('node', 'not-installed'))
  write('apps/one/node_modules/c.test.ts', testOf('another'))
  const all = externals(folder)
  expect(all).toEqual([
    { program: 'node', files: ['apps/one/b.test.ts', 'apps/two/d.test.ts'] },
    {
      program: 'not-installed',
      files: ['apps/one/b.test.ts', 'apps/one/src/a.test.ts', 'apps/two/d.test.ts'],
    },
  ])
  expect(notRun(all)).toEqual([
    '– not run: not-installed is missing (apt-get install not-installed): apps/one/b.test.ts, apps/one/src/a.test.ts, apps/two/d.test.ts',
  ])
})

test('a Debian package is named even if its name differs from that of the program', () => {
  vi.stubEnv('PATH', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(notRun([{ program: 'turnserver', files: ['a.ts'] }])).toEqual([
    '– not run: turnserver is missing (apt-get install coturn): a.ts',
  ])
})

test('an ability that nobody can install is named with what it takes', () => {
  vi.stubEnv('PATH', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(notRun([{ program: 'network-namespaces', files: ['a.ts'] }])).toEqual([
    '– not run: network-namespaces is missing (Linux, root and a machine or container that allows them): a.ts',
  ])
})

test('the tests of this repository need browsers, networks, Redis, systemd-analyze and coturn', () => {
  const programs = externals(root).map(({ program }) => program)
  expect(programs).toEqual([
    'chromium',
    'conntrack',
    'firefox',
    'ip',
    'network-namespaces',
    'nft',
    'openssl',
    'redis-server',
    'systemd-analyze',
    'turnserver',
  ])
})
