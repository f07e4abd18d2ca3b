import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { command } from './command.ts'
import type { Namespaces, Port } from './namespaces.ts'

/** What a cable does to the packets of both directions. */
export interface CableSettings {
  /** One way. */
  readonly delayMs?: number
  /** Up to so much is added at random; the order is kept. */
  readonly jitterMs?: number
  readonly rateKbit?: number
  /** The buffer before the slowest part; what does not fit is lost. */
  readonly queueBytes?: number
  /** One byte per packet in turn, 1 for a lost one, up to 64 KiB; repeated. */
  readonly losses?: Uint8Array
}

const source = fileURLToPath(new URL('../../native/cable.c', import.meta.url))
const compiler = 'cc'

/** Why there are no cables on this machine, or `null`. */
export const whyNoCables = (): string | null =>
  spawnSync(compiler, ['--version']).status === 0
    ? null
    : 'delay, jitter, rate and bursts of loss need a C compiler (`cc`)'

/**
 * A cable between the interfaces of two namespaces, in userspace (native/cable.c): the kernels of
 * containers and CI machines often lack netem.
 */
export class Cable {
  readonly #process: ChildProcess
  readonly #directory: string
  readonly #waiting: (() => void)[] = []

  private constructor(process: ChildProcess, directory: string) {
    this.#process = process
    this.#directory = directory
  }

  static async start(namespaces: Namespaces, ends: readonly [Port, Port]): Promise<Cable> {
    const program = join(namespaces.directory, 'cable')
    command(compiler, ['-O2', '-Wall', '-Werror', '-o', program, source])
    const args = ends.flatMap(({ namespace, device }) => [namespaces.pathOf(namespace), device])
    // It ends when its input does, at the latest with this process.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const cable = new Cable(child, namespaces.directory)
    createInterface({ input: child.stdout }).on('line', () => cable.#waiting.shift()?.())
    await new Promise<void>((resolve, reject) => {
      cable.#waiting.push(resolve)
      child.once('exit', (code) => reject(new Error(`the cable ended with ${code}`)))
    })
    return cable
  }

  /** Sets everything: what is missing is off. */
  async set(settings: CableSettings): Promise<void> {
    const { delayMs = 0, jitterMs = 0, rateKbit = 0, queueBytes = 0 } = settings
    const losses = this.#writeLosses(settings.losses)
    const numbers = [delayMs * 1_000, jitterMs * 1_000, rateKbit, queueBytes].map(Math.round)
    await this.#say(`${numbers.join(' ')} ${losses}`)
  }

  #writeLosses(losses: Uint8Array = new Uint8Array()): string {
    const file = join(this.#directory, `losses-${this.#process.pid}`)
    writeFileSync(file, losses)
    return file
  }

  #say(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#process.stdin?.write(`${line}\n`)
    })
  }
}
