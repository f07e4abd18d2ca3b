import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Network, servers } from '../network/network.ts'
import { iceUrls, type ServerKind, signalPort } from './server-kind.ts'

const main = fileURLToPath(new URL('../../../../apps/signal/src/main.ts', import.meta.url))

export interface SignalOptions {
  readonly kinds: readonly ServerKind[]
  readonly turnSecret: string
  readonly turnTtlS?: number
}

/** The real signaling server, once for each kind of ICE servers. They are killed together. */
export class SignalServers {
  readonly #network: Network
  readonly #options: SignalOptions
  readonly #secret = randomUUID()
  #processes: ChildProcess[] = []
  #isFirstStart = true

  constructor(network: Network, options: SignalOptions) {
    this.#network = network
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#processes.length > 0
  }

  /** Resolves with the time at which all were listening. */
  async start(): Promise<number> {
    this.#processes = this.#options.kinds.map((kind) => this.#spawn(kind))
    this.#isFirstStart = false
    return untilListening(this.#network, this.#options.kinds.map(signalPort))
  }

  /** With SIGKILL, so that they cannot say goodbye. */
  async kill(): Promise<void> {
    const running = this.#processes
    this.#processes = []
    await Promise.all(running.map(killed))
  }

  #spawn(kind: ServerKind): ChildProcess {
    const { turnSecret, turnTtlS = 600 } = this.#options
    const { stun, turn } = iceUrls(kind, this.#network.serverAddress)
    const env = {
      PORT: String(signalPort(kind)),
      HOST: '::',
      SKEIN_SECRET: this.#secret,
      SKEIN_SITE: 'none',
      SKEIN_STUN_URLS: stun,
      SKEIN_JOINS_PER_MINUTE_PER_IP: '100000',
      SKEIN_LOG_LEVEL: 'error',
      ...(turn !== '' && {
        SKEIN_TURN_URLS: turn,
        SKEIN_TURN_SECRET: turnSecret,
        SKEIN_TURN_TTL_S: String(turnTtlS),
      }),
      // On the first start no member can resume, so joins need not wait for the recovery window.
      ...(this.#isFirstStart && { SKEIN_REBUILD_MS: '0' }),
    }
    const args = [process.execPath, '--conditions=@skein/source', main]
    return this.#network.namespaces.spawn(servers, args, { env })
  }
}

/** Kills a process and waits until it has ended. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Resolves with the time at which all these TCP ports of the servers' namespace were listening. */
export async function untilListening(network: Network, ports: readonly number[]): Promise<number> {
  const script = `
    const { connect } = require('node:net')
    const attempt = (port) => {
      const socket = connect(port, process.argv[1], () => {
        console.log(Date.now())
        socket.destroy()
      })
      socket.on('error', () => setTimeout(attempt, 20, port))
    }
    process.argv.slice(2).map(Number).forEach(attempt)`
  const address = network.serverAddress.replace(/[[\]]/g, '')
  const args = ['timeout', '120', process.execPath, '-e', script, address, ...ports.map(String)]
  const watcher = network.namespaces.spawn(servers, args, { output: 'pipe' })
  if (!watcher.stdout) throw new Error('no output')
  const [printed, [code]] = await Promise.all([text(watcher.stdout), once(watcher, 'exit')])
  if (code !== 0) throw new Error(`nothing listened on ${ports.join(', ')} within 120 s`)
  return Math.max(...printed.trim().split('\n').map(Number))
}
