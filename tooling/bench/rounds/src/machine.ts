import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

/** When and where the measurement ran. */
export interface Machine {
  readonly date: string
  /** What the contestants ran on: a browser, or Node. */
  readonly platform: string
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly memoryGib: number
  /** The load average of the last minute when the measurement began. */
  readonly load: number
}

export const describeMachine = (platform: string): Machine => ({
  date: new Date().toISOString(),
  platform,
  system: `${type()} ${release()}`,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 1024 ** 3),
  load: Number((loadavg()[0] ?? 0).toFixed(1)),
})
