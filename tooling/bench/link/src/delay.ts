import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A long line: see native/udp-delay.c. */
export interface Delay {
  /** The port that stands in for an end, "ADDRESS PORT". */
  readonly standInFor: (end: string) => Promise<number>
  /** Forgets all ends. */
  readonly reset: () => Promise<void>
  readonly close: () => void
}

const source = fileURLToPath(new URL('../native/udp-delay.c', import.meta.url))
const compiler = 'cc'

/** Why there can be no long line here, or `null`. */
export const whyNoDelay = (): string | null => {
  if (process.platform !== 'linux') return 'the long line is made for Linux'
  if (spawnSync(compiler, ['--version']).status === 0) return null
  return 'there is no C compiler (`cc`) to build the long line with'
}

/** Builds it and starts it: each packet is held for so long. */
export const startDelay = async (delayMs: number): Promise<Delay> => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const program = join(folder, 'udp-delay')
  const built = spawnSync(compiler, ['-O2', '-o', program, source], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the long line does not compile: ${built.stderr}`)
  const child = spawn(program, [String(delayMs)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((port: number) => void)[] = []
  // It answers in the order in which it was asked.
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
  // It runs, so its file is not needed any more; it ends when this process does.
  await rm(folder, { recursive: true })
  return { standInFor: ask, reset, close: () => void child.stdin.end() }
}
