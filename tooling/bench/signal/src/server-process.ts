import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A server in its own process. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  /** CPU time used so far. */
  readonly cpuMs: () => number
  /** Resolves when the server has been idle for a while. */
  readonly quiet: () => Promise<void>
  /** Resident memory after a collection, in bytes. */
  readonly residentBytes: () => Promise<number>
  /** The same, without a collection. */
  readonly residentBytesNow: () => Promise<number>
  /** Heap in use after a collection, in bytes. */
  readonly heapBytes: () => Promise<number>
  /** Starts watching for stalls of its event loop. */
  readonly watchStalls: () => Promise<void>
  /** The longest stall since then, in ms. */
  readonly longestStallMs: () => Promise<number>
  readonly stop: () => void
}

export interface ServerCommand {
  /** The file in `servers/`. */
  readonly script: string
  readonly args?: readonly string[]
}

/** Starts a server from `folder`, pinned to `core` if given. */
export const startProcess = async (
  { script, args = [] }: ServerCommand,
  { folder, core }: { readonly folder: string; readonly core: number | null },
): Promise<ServerProcess> => {
  const path = join(folder, `${script}.js`)
  const command = [process.execPath, '--expose-gc', path, ...args]
  const [program = '', ...argv] =
    core === null ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const port = await answer(child)
  const usedMs = (): number => cpuMs(child.pid ?? 0)
  const ask = (question: string): Promise<number> => {
    const answered = answer(child)
    child.send(question)
    return answered
  }
  return {
    pid: child.pid ?? 0,
    port,
    cpuMs: usedMs,
    quiet: async () => {
      for (let before = Number.NaN; usedMs() !== before; await pause(quietMs)) before = usedMs()
    },
    residentBytes: () => ask('rss'),
    residentBytesNow: () => ask('rss now'),
    heapBytes: () => ask('heap'),
    watchStalls: async () => {
      await ask('watch stalls')
    },
    longestStallMs: () => ask('longest stall'),
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}

const answer = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`a server exited with ${code}`))
    child.once('exit', onExit)
    child.once('message', (value) => {
      child.off('exit', onExit)
      resolve(Number(value))
    })
  })

/** User and system time, see proc(5). */
const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}

/** Longer than any pause of a server that is still working. */
const quietMs = 100

/** Linux reports times in hundredths of a second, whatever its own tick is. */
const msPerTick = 10
