import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { end, guard } from './guard.ts'

const run = promisify(execFile)

/** A `redis-server` that keeps nothing on disk and listens only on a socket file. */
export class RedisNode {
  readonly path: string
  readonly #folder: string
  #child: ChildProcess | null = null

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.path = join(folder, `${name}.sock`)
  }

  /** Starts it, empty; resolves when it accepts connections. */
  async start(): Promise<void> {
    const child = spawn(
      'redis-server',
      [
        ...['--port', '0', '--unixsocket', this.path, '--dir', this.#folder],
        ...['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    guard(child)
    this.#child = child
    await untilListening(child)
  }

  async kill(): Promise<void> {
    if (this.#child !== null) await end(this.#child)
  }

  /** SIGSTOP: connections stay open but get no response. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  unfreeze(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Runs a command with `redis-cli` and returns the response as text. */
  async command(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('redis-cli', ['-s', this.path, ...words])
    return stdout.trim()
  }
}

async function untilListening(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const output: string[] = []
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`redis-server ended:\n${output.join('\n')}`)))
  if (child.stdout === null) throw new Error('The output is piped.')
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (output.length < 100) output.push(line)
    if (line.includes('eady to accept connections')) resolve()
  })
  await promise
}
