import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const main = fileURLToPath(new URL('../../apps/signal/src/main.ts', import.meta.url))

async function untilReady(port: number, process: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (process.exitCode !== null) throw new Error(`the server exited with ${process.exitCode}`)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the server was not ready after 20 s')
}

/** The real server command in its own process, so that a test can kill it. */
export class ServerProcess {
  readonly port: number
  #process: ChildProcess | null = null
  readonly #secret = crypto.randomUUID()
  readonly #settings: Readonly<Record<string, string>>
  #isFirstStart = true

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port
    this.#settings = settings
  }

  /** Adds `settings` to the environment of the server. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), settings)
    await server.start()
    return server
  }

  /** Starts the server, or restarts it after `kill`, with the same port and secret. */
  async start(): Promise<void> {
    this.#process = spawn(process.execPath, ['--conditions=@skein/source', main], {
      env: {
        ...process.env,
        PORT: String(this.port),
        HOST: '127.0.0.1',
        SKEIN_SECRET: this.#secret,
        SKEIN_LOG_LEVEL: 'error',
        // On the first start no member can resume, so joins need not wait for the recovery window.
        ...(this.#isFirstStart && { SKEIN_REBUILD_MS: '0' }),
        ...this.#settings,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    this.#isFirstStart = false
    await untilReady(this.port, this.#process)
  }

  /** Kills the server with SIGKILL, so that it cannot drain. */
  async kill(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (!running || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
}
