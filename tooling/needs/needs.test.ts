import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { isInstalled, needs } from './needs.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a program is installed when a folder of the PATH has it, and it can be run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-needs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  vi.stubEnv('PATH', ['/nowhere', '', folder].join(delimiter))
  const file = join(folder, 'one-of-ours')
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o644)
  expect(isInstalled('one-of-ours')).toBe(false)
  chmodSync(file, 0o755)
  expect(isInstalled('one-of-ours')).toBe(true)
  expect(needs('one-of-ours')).toBe(true)
})

test('where it is missing its tests are left out, unless all programs are required', () => {
  vi.stubEnv('SKEIN_REQUIRE_EXTERNALS', '')
  expect(needs('none-of-ours')).toBe(false)
  vi.stubEnv('SKEIN_REQUIRE_EXTERNALS', '1')
  expect(() => needs('none-of-ours')).toThrow('the tests that need none-of-ours')
})
