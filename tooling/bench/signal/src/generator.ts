import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The program that simulates many clients; native/load.c lists its commands. */
export interface Generator {
  /** Resolves with the numbers that it answers. */
  readonly command: (...fields: readonly (string | number)[]) => Promise<readonly number[]>
  readonly close: () => void
}

const compiler = 'cc'
const sources = ['load.c', 'measure.c', 'group.c', 'frames.c'].map((name) =>
  fileURLToPath(new URL(`../native/${name}`, import.meta.url)),
)

/** Why the generator cannot run on this machine, or `null`. */
export const whyNoGenerator = (): string | null => {
  if (process.platform !== 'linux') return 'the load generator needs Linux'
  if (spawnSync(compiler, ['--version']).status === 0) return null
  return 'the load generator needs a C compiler (`cc`)'
}

/** Builds and starts the generator, pinned to `core` if given. */
export const startGenerator = async (core: number | null): Promise<Generator> => {
  const folder = await mkdtemp(join(tmpdir(), 'skein-bench-'))
  const program = join(folder, 'load')
  const built = spawnSync(compiler, ['-O2', '-o', program, ...sources], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the load generator does not compile: ${built.stderr}`)
  const pinned = core === null ? [program] : ['taskset', '-c', String(core), program]
  const child = spawn(pinned[0] ?? program, pinned.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const generator = { command: commandsOf(child), close: () => void child.stdin.end() }
  // Once it has answered it is running, and its file is no longer needed.
  await generator.command('group', 1, 1, 1, '/', '')
  await rm(folder, { recursive: true })
  return generator
}

const commandsOf = (child: ChildProcess): Generator['command'] => {
  const waiting: PromiseWithResolvers<readonly number[]>[] = []
  // Answers come in the order of the commands.
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) =>
      waiting.shift()?.resolve(line.split(' ').map(Number)),
    )
  child.once('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`the load generator exited with ${code}`))
  })
  return (...fields) => {
    const answer = Promise.withResolvers<readonly number[]>()
    waiting.push(answer)
    child.stdin?.write(`${fields.join('\t')}\n`)
    return answer.promise
  }
}
