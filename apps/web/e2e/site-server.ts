import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const signal = import.meta.resolve('@skein/signal/package.json')
const main = fileURLToPath(new URL('src/main.ts', signal))
const site = fileURLToPath(new URL('../dist', import.meta.url))

/** Short: a real server waits 5 s for a lost host, and as long for old members when it starts. */
const quick = { SKEIN_HOST_GRACE_MS: '2000', SKEIN_REBUILD_MS: '200' }

/** The real command, serving the built site, in a process of its own: it can die as one does. */
export class SiteServer {
  readonly #secret = crypto.randomUUID().repeat(2)
  readonly #env: Readonly<Record<string, string>>
  #process: ChildProcess | null = null
  #port = 0

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it on a free port; after `kill`, on the same one with the same secret. */
  async start(): Promise<void> {
    const flags = ['--port', String(this.#port), '--host', '127.0.0.1', '--site', site]
    const running = spawn(process.execPath, ['--conditions=@skein/source', main, ...flags], {
      env: {
        ...process.env,
        SKEIN_SECRET: this.#secret,
        ...quick,
        SKEIN_LOG_LEVEL: 'info',
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = running
    this.#port = await listeningPort(running)
  }

  /** No goodbye to anyone. Idempotent. */
  async kill(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (running === null || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
}

/** Reads the log until it names the port. */
async function listeningPort({ stdout, exitCode }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('the server has no output to read')
  for await (const line of createInterface({ input: stdout })) {
    const { port }: { port?: unknown } = JSON.parse(line)
    if (typeof port !== 'number') continue
    // Nobody reads on: what is not read must not block the server.
    stdout.resume()
    return port
  }
  throw new Error(`the server ended before it listened (${exitCode})`)
}
