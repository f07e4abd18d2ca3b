import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { findProgram, isInstalled, needs } from './needs.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a program is installed if a folder on the PATH has an executable file of its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-needs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  vi.stubEnv('PATH', ['/nowhere', '', folder].join(delimiter))
  const file = join(folder, 'some-program')
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o644)
  expect(isInstalled('some-program')).toBe(false)
  chmodSync(file, 0o755)
  expect(isInstalled('some-program')).toBe(true)
  expect(needs('some-program')).toBe(true)
  expect(findProgram('some-program')).toBe(file)
})

test('tests that need several programs are left out if one is missing', () => {
  vi.stubEnv('TEST_REQUIRES_EXTERNALS', '')
  expect(needs('sh', 'sh')).toBe(true)
  expect(needs('sh', 'not-installed')).toBe(false)
})

test('the tests of a missing program are left out, unless all programs are required', () => {
  vi.stubEnv('TEST_REQUIRES_EXTERNALS', '')
  expect(needs('not-installed')).toBe(false)
  vi.stubEnv('TEST_REQUIRES_EXTERNALS', '1')
  expect(() => needs('not-installed')).toThrow('the tests that need not-installed')
})

test('tests are left out if an ability is missing, even where all programs are required', () => {
  vi.stubEnv('PATH', '')
  vi.stubEnv('TEST_REQUIRES_EXTERNALS', '1')
  expect(needs('network-namespaces')).toBe(false)
  expect(needs('network-namespaces', 'not-installed')).toBe(false)
})
