import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Millis } from '@skein/protocol'
import type { BlockOrder } from './block-on-message.ts'
import { end, guard } from './guard.ts'

const main = fileURLToPath(new URL('../../../apps/signal/src/main.ts', import.meta.url))
const preload = fileURLToPath(new URL('block-on-message.ts', import.meta.url))

/** The server in its own process. Each start has another port, as behind a load balancer. */
export class SignalNode {
  readonly name: string
  /** The last lines of its output. */
  readonly lines: string[] = []
  #settings: Readonly<Record<string, string>>
  #running: RunningNode | null = null

  constructor(name: string, settings: Readonly<Record<string, string>>) {
    this.name = name
    this.#settings = settings
  }

  /** `null` while it is not running. */
  get port(): number | null {
    return this.#running?.port ?? null
  }

  /** Starts or restarts it, with additional settings; resolves when it listens. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...settings }
    const child = spawn(
      process.execPath,
      ['--conditions=@skein/source', '--import', preload, main],
      { env: { ...environment(), ...this.#settings }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    )
    guard(child)
    child.channel?.unref()
    this.#running = { child, port: await this.#untilListening(child) }
  }

  /** SIGKILL: it ends without closing its connections properly. */
  async kill(): Promise<void> {
    const running = this.#running
    this.#running = null
    if (running !== null) await end(running.child)
  }

  /** SIGTERM, as in a deployment; resolves to the exit code when it has ended. */
  async terminate(): Promise<number | null> {
    const { child } = this.#requireRunning()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await exited
    this.#running = null
    return code
  }

  /** SIGSTOP: connections stay open but nothing is sent. */
  freeze(): void {
    this.#requireRunning().child.kill('SIGSTOP')
  }

  unfreeze(): void {
    this.#requireRunning().child.kill('SIGCONT')
  }

  /** Blocks its event loop. */
  block(blockMs: Millis): void {
    const order: BlockOrder = { blockMs }
    this.#requireRunning().child.send(order)
  }

  #requireRunning(): RunningNode {
    if (this.#running === null) throw new Error(`${this.name} is not running`)
    return this.#running
  }

  /** Resolves to the port in its log. */
  async #untilListening(child: ChildProcess): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) throw new Error('The output is piped.')
      createInterface({ input }).on('line', (line) => {
        this.lines.push(line)
        if (this.lines.length > keptLines) this.lines.shift()
        const port = /"port":(\d+)/.exec(line)?.[1]
        if (port !== undefined) resolve(Number(port))
      })
    }
    child.once('exit', (code) => {
      reject(new Error(`${this.name} ended with ${code}:\n${this.lines.join('\n')}`))
    })
    return await promise
  }
}

interface RunningNode {
  readonly child: ChildProcess
  readonly port: number
}

const keptLines = 200

/** The current environment without settings of a server. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SKEIN_'))
  return {
    ...Object.fromEntries(own),
    ...{ PORT: '0', HOST: '127.0.0.1', SKEIN_LOG_LEVEL: 'info', NODE_NO_WARNINGS: '1' },
  }
}
