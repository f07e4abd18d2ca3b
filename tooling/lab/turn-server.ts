import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const configuration = fileURLToPath(new URL('../../deploy/coturn/turnserver.conf', import.meta.url))

/** A real coturn on loopback, with the configuration that operators use. */
export class TurnServer {
  readonly port: number
  readonly secret: string = randomUUID()
  readonly #dir: string
  #process: ChildProcess | null = null
  readonly #killOnExit = (): void => void this.#process?.kill('SIGKILL')

  private constructor(port: number, dir: string) {
    this.port = port
    this.#dir = dir
  }

  /** `args` take precedence over the configuration file. */
  static async start(args: readonly string[]): Promise<TurnServer> {
    const dir = await mkdtemp(join(tmpdir(), 'skein-turn-'))
    const server = new TurnServer(await freePort(), dir)
    await server.#start(args)
    return server
  }

  async stop(): Promise<void> {
    const running = this.#process
    this.#process = null
    process.off('exit', this.#killOnExit)
    if (running !== null && running.exitCode === null) {
      const ended = once(running, 'exit')
      running.kill('SIGKILL')
      await ended
    }
    await rm(this.#dir, { recursive: true, force: true })
  }

  async #start(args: readonly string[]): Promise<void> {
    const options = {
      'listening-ip': '127.0.0.1',
      'listening-port': this.port,
      'static-auth-secret': this.secret,
      realm: 'skein.test',
      'log-file': join(this.#dir, 'log'),
      pidfile: join(this.#dir, 'pid'),
      userdb: join(this.#dir, 'db'),
    }
    const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
    this.#process = spawn(
      'turnserver',
      ['-c', configuration, ...flags, '--no-tls', '--no-dtls', ...args],
      { stdio: 'ignore' },
    )
    process.once('exit', this.#killOnExit)
    await untilListening(this.port, this.#process)
  }
}

/** Allows only loopback, where the peers of a test are. */
export const loopbackOptions: readonly string[] = [
  '--relay-ip=127.0.0.1',
  '--allow-loopback-peers',
  '--allowed-peer-ip=127.0.0.1',
]

const untilListening = async (port: number, turnserver: ChildProcess): Promise<void> => {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (turnserver.exitCode !== null) throw new Error(`coturn exited with ${turnserver.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('coturn was not listening after 20 s')
}
