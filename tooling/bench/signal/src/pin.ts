import { execFileSync, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The core for the servers and the core for the generator. */
export interface Cores {
  readonly server: number
  readonly generator: number
}

/** `null` where cores cannot be chosen. */
export const chooseCores = (): Cores | null => {
  const hasTaskset = spawnSync('taskset', ['--version']).status === 0
  if (!hasTaskset || availableParallelism() < 2) return null
  const [generator, server] = allowedCores()
  return server === undefined || generator === undefined ? null : { server, generator }
}

const allowedCores = (): readonly number[] => {
  const text = execFileSync('taskset', ['-p', '-c', String(process.pid)], { encoding: 'utf8' })
  const list = text.split(':').at(-1)?.trim() ?? ''
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, n) => from + n)
  })
}
