import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly name: ServerName
  readonly port: number
  /** CPU time used so far, in ms. */
  readonly cpuMs: () => number
  /** Resident memory after a collection, in bytes. */
  readonly memory: () => Promise<number>
  readonly stop: () => void
}

export type ServerName = 'skein' | 'bare'

export const startProcess = async (
  name: ServerName,
  core: number | null,
): Promise<ServerProcess> => {
  const script = fileURLToPath(new URL(`serve-${name}.ts`, import.meta.url))
  const command = [process.execPath, '--conditions=@skein/source', '--expose-gc', script]
  const pinned = core === null ? command : ['taskset', '-c', String(core), ...command]
  const [program = '', ...argv] = pinned
  const child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const port = await answer(child, 'port')
  return {
    name,
    port,
    cpuMs: () => cpuMs(child.pid ?? 0),
    memory: () => {
      const rss = answer(child, 'rss')
      child.send('memory')
      return rss
    },
    stop: () => {
      child.kill('SIGKILL')
    },
  }
}

const answer = (child: ChildProcess, field: string): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)))
    child.once('message', (message) => {
      const value = Object.entries(message).find(([name]) => name === field)?.[1]
      resolve(Number(value))
    })
  })

/** User and system time, as of proc(5); NaN where there is no /proc. */
const cpuMs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * msPerTick
  } catch {
    return Number.NaN
  }
}

/** Linux shows times in hundredths of a second, whatever its own tick is. */
const msPerTick = 10
