import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../apps/signal/src/main.ts', import.meta.url))

/** A port that was free a moment ago; the server needs the same one after its restart. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

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

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort())
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
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
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
