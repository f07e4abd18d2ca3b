import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** When and where it was measured. */
export const machine = () => ({
  date: new Date().toISOString(),
  system: `${type()} ${release()}`,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 1024 ** 3),
})
