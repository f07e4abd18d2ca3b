import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { end, guard } from './guard.ts'

const run = promisify(execFile)

/** A `redis-server` that keeps nothing on disk and is reached by a socket file alone. */
export class RedisNode {
  readonly path: string
  readonly #folder: string
  #child: ChildProcess | null = null

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.path = join(folder, `${name}.sock`)
  }

  /** Starts it, empty; it takes connections when it resolves. */
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
    await accepting(child)
  }

  async kill(): Promise<void> {
    if (this.#child !== null) await end(this.#child)
  }

  /** SIGSTOP: connections stay, and nobody answers. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  wake(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Asks it something, as `redis-cli` does; what it answers, as text. */
  async ask(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('redis-cli', ['-s', this.path, ...words])
    return stdout.trim()
  }
}

async function accepting(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const said: string[] = []
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`redis-server ended:\n${said.join('\n')}`)))
  if (child.stdout === null) throw new Error('Its output is piped, so it is there.')
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (said.length < 100) said.push(line)
    if (line.includes('eady to accept connections')) resolve()
  })
  await promise
}
