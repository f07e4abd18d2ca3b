import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const main = fileURLToPath(new URL('../../apps/signal/src/main.ts', import.meta.url))

async function untilReady(port: number, process: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (process.exitCode !== null) throw new Error(`the server ended with ${process.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the server did not become ready in 20 s')
}

/** The real command in a process of its own, so that it can die as a process dies. */
export class ServerProcess {
  readonly port: number
  #process: ChildProcess | null = null
  readonly #secret = crypto.randomUUID()
  readonly #settings: Readonly<Record<string, string>>
  #isFirstLife = true

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port
    this.#settings = settings
  }

  /** `settings` are of its environment. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), settings)
    await server.start()
    return server
  }

  /** Starts it on its port with its secret: the first time, or again after `kill`. */
  async start(): Promise<void> {
    this.#process = spawn(process.execPath, ['--conditions=@skein/source', main], {
      env: {
        ...process.env,
        PORT: String(this.port),
        HOST: '127.0.0.1',
        SKEIN_SECRET: this.#secret,
        SKEIN_LOG_LEVEL: 'error',
        // Nobody can come back to a server that has not lived before: joins need not wait for them.
        ...(this.#isFirstLife && { SKEIN_REBUILD_MS: '0' }),
        ...this.#settings,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    this.#isFirstLife = false
    await untilReady(this.port, this.#process)
  }

  /** SIGKILL: no goodbye to anyone. */
  async kill(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (!running || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
}
