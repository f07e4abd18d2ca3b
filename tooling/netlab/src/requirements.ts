import { debianPackageOf, isInstalled } from '@skein/needs'
import type { Arguments } from './arguments.ts'

/** The programs that every row needs. */
const programs = ['ip', 'nft', 'conntrack', 'turnserver', 'openssl'] as const

/** Why this machine cannot run the laboratory, as a sentence; `null` if it can. */
export function whyNot({ browsers }: Pick<Arguments, 'browsers'>): string | null {
  if (process.platform !== 'linux') return 'The network laboratory needs Linux.'
  if (process.getuid?.() !== 0) return 'The network laboratory needs root.'
  const needed = browsers.includes('firefox') ? [...programs, 'firefox'] : programs
  const missing = needed.filter((program) => !isInstalled(program))
  if (missing.length > 0) {
    const packages = missing.map(debianPackageOf).join(' ')
    return `The network laboratory needs ${missing.join(', ')} (apt-get install ${packages}).`
  }
  if (isInstalled('network-namespaces')) return null
  return 'The network laboratory needs network namespaces, which this machine does not allow.'
}
