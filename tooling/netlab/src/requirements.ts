import { spawnSync } from 'node:child_process'
import { isInstalled } from '@skein/needs'
import type { Arguments } from './arguments.ts'

/** The Debian package of each program that every row needs. */
const programs: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  turnserver: 'coturn',
  openssl: 'openssl',
}

/** Why this machine cannot run the laboratory, as a sentence; `null` if it can. */
export function whyNot({ browsers }: Pick<Arguments, 'browsers'>): string | null {
  if (process.platform !== 'linux') return 'The network laboratory needs Linux.'
  if (process.getuid?.() !== 0) return 'The network laboratory needs root.'
  const missing = Object.keys(programs).filter((program) => !isInstalled(program))
  if (browsers.includes('firefox') && !isInstalled('firefox')) missing.push('firefox')
  if (missing.length > 0) {
    const packages = missing.map((program) => programs[program] ?? 'firefox-esr').join(' ')
    return `The network laboratory needs ${missing.join(', ')} (apt-get install ${packages}).`
  }
  if (canUnshare()) return null
  return 'The network laboratory needs network namespaces, which this machine does not allow.'
}

const canUnshare = (): boolean => spawnSync('unshare', ['--net', 'true']).status === 0
