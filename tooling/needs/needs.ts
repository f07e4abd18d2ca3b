import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What some tests need and nobody can install, and how to get it. */
export const abilities: Readonly<Record<string, string>> = {
  'network-namespaces': 'Linux, root and a machine or container that allows them',
}

/** The Debian package of each program, if its name differs. */
const debianPackages: Readonly<Record<string, string>> = {
  firefox: 'firefox-esr',
  ip: 'iproute2',
  nft: 'nftables',
  turnserver: 'coturn',
  'systemd-analyze': 'systemd',
}

export const debianPackageOf = (program: string): string => debianPackages[program] ?? program

/**
 * Whether all programs that some tests need are on the PATH; a name may also be that of an ability
 * of the machine. If one is missing, these tests are not defined, and the test command lists their
 * files at its end. With TEST_REQUIRES_EXTERNALS=1 a missing program is an error instead, unless an
 * ability before it is missing.
 */
export const needs = (...programs: readonly string[]): boolean => programs.every(isThere)

function isThere(program: string): boolean {
  if (isInstalled(program)) return true
  const ability = abilities[program]
  if (ability !== undefined) {
    console.info(`not run: the tests that need ${program}: ${ability}`)
    return false
  }
  const message = `not run: the tests that need ${program}, which is not on the PATH`
  if (process.env.TEST_REQUIRES_EXTERNALS === '1') throw new Error(message)
  console.info(message)
  return false
}

/** Whether a program is on the PATH, or the machine has an ability. */
export function isInstalled(program: string): boolean {
  if (program === 'network-namespaces') return canMakeNetworkNamespaces()
  return findProgram(program) !== null
}

/** The path of a program; `null` if no folder on the PATH has it. */
export function findProgram(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Root alone is not enough: most containers drop this capability. */
function canMakeNetworkNamespaces(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['--net', 'true']).status === 0
}
