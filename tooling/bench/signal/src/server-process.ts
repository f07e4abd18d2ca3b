import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  /** CPU time used so far. */
  readonly cpuMs: () => number
  /** When it has had nothing to do for a while. */
  readonly quiet: () => Promise<void>
  /** Resident memory after a collection, in bytes. */
  readonly residentBytes: () => Promise<number>
  /** The same as it is, without a collection. */
  readonly residentBytesNow: () => Promise<number>
  /** What of the heap is in use after a collection, in bytes. */
  readonly heapBytes: () => Promise<number>
  /** From now on stalls of its event loop are looked for. */
  readonly watchStalls: () => Promise<void>
  /** The longest since, in ms. */
  readonly longestStallMs: () => Promise<number>
  readonly stop: () => void
}

export interface ServerCommand {
  /** Its file in `servers/`. */
  readonly script: string
  readonly args?: readonly string[]
}

/** Starts it from that folder, on one core if there is one to choose. */
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
    const onExit = (code: number | null): void => reject(new Error(`a server ended with ${code}`))
    child.once('exit', onExit)
    child.once('message', (value) => {
      child.off('exit', onExit)
      resolve(Number(value))
    })
  })

/** User and system time, as of proc(5). */
const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}

/** Longer than a pause of a server that is still at work. */
const quietMs = 100

/** Linux shows times in hundredths of a second, whatever its own tick is. */
const msPerTick = 10
