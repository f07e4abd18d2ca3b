import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Millis } from '@skein/protocol'
import type { BlockOrder } from './block-on-message.ts'
import { end, guard } from './guard.ts'

const main = fileURLToPath(new URL('../../../apps/signal/src/main.ts', import.meta.url))
const preload = fileURLToPath(new URL('block-on-message.ts', import.meta.url))

/** The real server in a process of its own. Each life has another port, as behind a balancer. */
export class SignalNode {
  readonly name: string
  /** What it said of itself, the last lines. */
  readonly lines: string[] = []
  #settings: Readonly<Record<string, string>>
  #life: Life | null = null

  constructor(name: string, settings: Readonly<Record<string, string>>) {
    this.name = name
    this.#settings = settings
  }

  /** `null` while it does not run. */
  get port(): number | null {
    return this.#life?.port ?? null
  }

  /** Starts it, or starts it again with other settings; it listens when it resolves. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...settings }
    const child = spawn(
      process.execPath,
      ['--conditions=@skein/source', '--import', preload, main],
      { env: { ...environment(), ...this.#settings }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    )
    guard(child)
    child.channel?.unref()
    this.#life = { child, port: await this.#listening(child) }
  }

  /** SIGKILL: no goodbye to anyone. */
  async kill(): Promise<void> {
    const life = this.#life
    this.#life = null
    if (life !== null) await end(life.child)
  }

  /** SIGTERM, as before a deploy; resolves to its exit code when it has ended by itself. */
  async terminate(): Promise<number | null> {
    const { child } = this.#alive()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await exited
    this.#life = null
    return code
  }

  /** SIGSTOP: its connections stay, and nothing moves. */
  freeze(): void {
    this.#alive().child.kill('SIGSTOP')
  }

  wake(): void {
    this.#alive().child.kill('SIGCONT')
  }

  /** Its event loop does nothing for so long. */
  block(blockMs: Millis): void {
    const order: BlockOrder = { blockMs }
    this.#alive().child.send(order)
  }

  #alive(): Life {
    if (this.#life === null) throw new Error(`${this.name} does not run`)
    return this.#life
  }

  /** Resolves to the port that its log names. */
  async #listening(child: ChildProcess): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) throw new Error('Its output is piped, so it is there.')
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

interface Life {
  readonly child: ChildProcess
  readonly port: number
}

const keptLines = 200

/** Ours without what would set a server up. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SKEIN_'))
  return {
    ...Object.fromEntries(own),
    ...{ PORT: '0', HOST: '127.0.0.1', SKEIN_LOG_LEVEL: 'info', NODE_NO_WARNINGS: '1' },
  }
}
