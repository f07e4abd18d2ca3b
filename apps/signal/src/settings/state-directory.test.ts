import { isAbsolute } from 'node:path'
import { expect, test } from 'vitest'
import { defaultStateDirectory, type StateDirectoryOptions } from './state-directory.ts'

const directoryOf = (
  env: StateDirectoryOptions['env'],
  platform: NodeJS.Platform = 'linux',
): string | null => defaultStateDirectory({ env, platform, home: () => '/home/ann' })

test('the state directory is the one that systemd provides', () => {
  const XDG_STATE_HOME = '/state'
  expect(directoryOf({ STATE_DIRECTORY: '/var/lib/skein', XDG_STATE_HOME })).toBe('/var/lib/skein')
  expect(directoryOf({ STATE_DIRECTORY: '/var/lib/a:/var/lib/b' })).toBe('/var/lib/a')
})

test('without systemd, the state directory is below XDG_STATE_HOME or the home directory', () => {
  expect(directoryOf({ XDG_STATE_HOME: '/state' })).toBe('/state/skein')
  expect(directoryOf({ XDG_STATE_HOME: 'relative' })).toBe('/home/ann/.local/state/skein')
  expect(directoryOf({})).toBe('/home/ann/.local/state/skein')
  expect(directoryOf({}, 'darwin')).toBe('/home/ann/.local/state/skein')
})

test('on Windows, the state directory is below LOCALAPPDATA', () => {
  expect(directoryOf({ LOCALAPPDATA: '/local' }, 'win32')).toBe('/local/skein')
  expect(directoryOf({}, 'win32')).toBe('/home/ann/AppData/Local/skein')
})

test('a user without a home directory has no state directory', () => {
  const home = (): string => {
    throw new Error('uv_os_homedir returned ENOENT')
  }
  expect(defaultStateDirectory({ env: {}, platform: 'linux', home })).toBeNull()
})

test('the default on this machine is an absolute path', () => {
  expect(isAbsolute(defaultStateDirectory({ env: process.env }) ?? '')).toBe(true)
})
