import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Adds latency between two pages, see native/udp-delay.c. */
export interface Delay {
  /** The proxy port for an endpoint, "ADDRESS PORT". */
  readonly proxyPortFor: (end: string) => Promise<number>
  /** Forgets all endpoints. */
  readonly reset: () => Promise<void>
  readonly close: () => void
}

const source = fileURLToPath(new URL('../native/udp-delay.c', import.meta.url))
const compiler = 'cc'

/** Why no latency can be added on this machine, or `null`. */
export const whyNoDelay = (): string | null => {
  if (process.platform !== 'linux') return 'adding latency needs Linux'
  if (spawnSync(compiler, ['--version']).status === 0) return null
  return 'adding latency needs a C compiler (`cc`)'
}

/** Builds and starts the program that delays each packet by `delayMs`. */
export const startDelay = async (delayMs: number): Promise<Delay> => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const program = join(folder, 'udp-delay')
  const built = spawnSync(compiler, ['-O2', '-o', program, source], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`udp-delay does not compile: ${built.stderr}`)
  const child = spawn(program, [String(delayMs)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((port: number) => void)[] = []
  // Answers come in the order of the requests.
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(Number(line)))
  const ask = (line: string): Promise<number> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      child.stdin.write(`${line}\n`)
    })
  const reset = async (): Promise<void> => {
    await ask('reset')
  }
  await reset()
  // The program is running, so its file is no longer needed. It ends with this process.
  await rm(folder, { recursive: true })
  return { proxyPortFor: ask, reset, close: () => void child.stdin.end() }
}
