import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const signal = import.meta.resolve('@skein/signal/package.json')
const main = fileURLToPath(new URL('src/main.ts', signal))
const site = fileURLToPath(new URL('../dist', import.meta.url))

/** Short times for tests. By default, the host grace and the recovery window are 5 s each. */
const shortTimes = { SKEIN_HOST_GRACE_MS: '2000', SKEIN_REBUILD_MS: '200' }

/** The real command, serving the built site, in its own process so that a test can kill it. */
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

  /** Starts on a free port; after `kill`, on the same port with the same secret. */
  async start(): Promise<void> {
    const flags = ['--port', String(this.#port), '--host', '127.0.0.1', '--site', site]
    const running = spawn(process.execPath, ['--conditions=@skein/source', main, ...flags], {
      env: {
        ...process.env,
        SKEIN_SECRET: this.#secret,
        ...shortTimes,
        SKEIN_LOG_LEVEL: 'info',
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = running
    this.#port = await listeningPort(running)
  }

  /** Kills the server without a graceful shutdown. Idempotent. */
  async kill(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (running === null || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
}

/** Reads the log until it contains the port. */
async function listeningPort({ stdout, exitCode }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('The server has no stdout.')
  for await (const line of createInterface({ input: stdout })) {
    const { port }: { port?: unknown } = JSON.parse(line)
    if (typeof port !== 'number') continue
    // Discard the rest: unread output would block the server.
    stdout.resume()
    return port
  }
  throw new Error(`The server exited before it was listening (${exitCode}).`)
}
