import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The program that plays many people: see native/load.c for its orders. */
export interface Generator {
  /** The numbers that it answers with. */
  readonly order: (...fields: readonly (string | number)[]) => Promise<readonly number[]>
  readonly close: () => void
}

const compiler = 'cc'
const sources = ['load.c', 'measure.c', 'group.c', 'frames.c'].map((name) =>
  fileURLToPath(new URL(`../native/${name}`, import.meta.url)),
)

/** Why there can be no generator here, or `null`. */
export const whyNoGenerator = (): string | null => {
  if (process.platform !== 'linux') return 'the load generator is made for Linux'
  if (spawnSync(compiler, ['--version']).status === 0) return null
  return 'there is no C compiler (`cc`) to build the load generator with'
}

/** Builds it and starts it, on one core if there is one to choose. */
export const startGenerator = async (core: number | null): Promise<Generator> => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const program = join(folder, 'load')
  const built = spawnSync(compiler, ['-O2', '-o', program, ...sources], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the load generator does not compile: ${built.stderr}`)
  const pinned = core === null ? [program] : ['taskset', '-c', String(core), program]
  const child = spawn(pinned[0] ?? program, pinned.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const generator = { order: orders(child), close: () => void child.stdin.end() }
  // It runs once it has answered; then its file is not needed any more.
  await generator.order('group', 1, 1, 1, '/', '')
  await rm(folder, { recursive: true })
  return generator
}

const orders = (child: ChildProcess): Generator['order'] => {
  const waiting: PromiseWithResolvers<readonly number[]>[] = []
  // It answers in the order in which it was asked.
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) =>
      waiting.shift()?.resolve(line.split(' ').map(Number)),
    )
  child.once('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`the load generator ended with ${code}`))
  })
  return (...fields) => {
    const answer = Promise.withResolvers<readonly number[]>()
    waiting.push(answer)
    child.stdin?.write(`${fields.join('\t')}\n`)
    return answer.promise
  }
}
