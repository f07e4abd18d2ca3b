import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { externals, notRun } from './externals.ts'
import { root } from './run.ts'

test('the programs that tests ask for are found, with the files that ask', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-externals-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const ask = (program: string): string => `if (needs('${program}')) test()\n`
  write('apps/one/b.test.ts', ask('none-of-ours') + ask('node'))
  write('apps/one/src/a.test.ts', ask('none-of-ours'))
  write('apps/one/node_modules/c.test.ts', ask('another'))
  const all = externals(folder)
  expect(all).toEqual([
    { program: 'node', files: ['apps/one/b.test.ts'] },
    { program: 'none-of-ours', files: ['apps/one/b.test.ts', 'apps/one/src/a.test.ts'] },
  ])
  expect(notRun(all)).toEqual([
    '– not run without none-of-ours (apt-get install none-of-ours): apps/one/b.test.ts, apps/one/src/a.test.ts',
  ])
})

test('the package of Debian is named where it is not that of the program', () => {
  vi.stubEnv('PATH', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(notRun([{ program: 'turnserver', files: ['a.ts'] }])).toEqual([
    '– not run without turnserver (apt-get install coturn): a.ts',
  ])
})

test('the tests of this repository ask for Redis and for coturn', () => {
  const programs = externals(root).map(({ program }) => program)
  expect(programs).toEqual(['redis-server', 'systemd-analyze', 'turnserver'])
})
