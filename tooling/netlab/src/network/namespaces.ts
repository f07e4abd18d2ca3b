import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from './command.ts'

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Adds an IPC channel. */
  readonly ipc?: boolean
  /** Default: that of this process. */
  readonly output?: 'inherit' | 'ignore' | 'pipe'
}

/**
 * The network namespaces of one run, the processes in them and a directory for temporary files.
 * They are removed when this process exits, for whatever reason except SIGKILL; the next run
 * removes what a killed one left behind.
 */
export class Namespaces {
  readonly directory: string
  readonly #prefix = `${namePrefix}${process.pid}-`
  readonly #names = new Set<string>()
  readonly #onExit = (): void => this.remove()
  readonly #onSignal = (): void => process.exit(130)

  constructor() {
    removeAbandoned()
    this.directory = mkdtempSync(join(tmpdir(), 'skein-netlab-'))
    process.once('exit', this.#onExit)
    for (const signal of endingSignals) process.on(signal, this.#onSignal)
  }

  /** Creates namespaces with a loopback interface that is up. */
  add(...names: readonly string[]): void {
    for (const name of names) {
      this.#names.add(name)
      command('ip', ['netns', 'add', this.#full(name)])
      this.ip(name, 'link set lo up')
    }
  }

  /** Connects an interface of one namespace with an interface of another. */
  connect(one: Port, other: Port): void {
    const [first, second] = [this.#full(one.namespace), this.#full(other.namespace)]
    const link = `link add ${one.device} netns ${first} type veth`
    command('ip', `${link} peer name ${other.device} netns ${second}`.split(' '))
  }

  /** Runs `ip` in a namespace, once per line. */
  ip(name: string, lines: string): void {
    command('ip', ['-n', this.#full(name), '-batch', '-'], `${lines}\n`)
  }

  exec(name: string, args: readonly string[], input = ''): string {
    return command('ip', ['netns', 'exec', this.#full(name), ...args], input)
  }

  /** Loads nftables rules in a namespace. */
  nft(name: string, rules: string): void {
    this.exec(name, ['nft', '-f', '-'], rules)
  }

  spawn(name: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const { env, ipc = false, output = 'inherit' } = options
    return spawn('ip', ['netns', 'exec', this.#full(name), ...args], {
      stdio: [
        'ignore',
        output,
        output === 'pipe' ? 'inherit' : output,
        ...(ipc ? (['ipc'] as const) : []),
      ],
      env: { ...process.env, ...env },
    })
  }

  /** A script that runs a program in a namespace, for libraries that take a path to start. */
  launcher(name: string, program: string): string {
    const file = join(this.directory, `${name}-${program.replaceAll('/', '-')}`)
    const full = this.#full(name)
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${full} ${program} "$@"\n`, { mode: 0o755 })
    return file
  }

  pathOf(name: string): string {
    return `/run/netns/${this.#full(name)}`
  }

  pids(name: string): readonly number[] {
    return pidsIn(this.#full(name))
  }

  /** Removes everything. Idempotent. */
  remove(): void {
    process.off('exit', this.#onExit)
    for (const signal of endingSignals) process.off(signal, this.#onSignal)
    for (const name of this.#names) removeNamespace(this.#full(name))
    this.#names.clear()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  #full(name: string): string {
    return this.#prefix + name
  }
}

/** An interface of a namespace. */
export interface Port {
  readonly namespace: string
  readonly device: string
}

const namePrefix = 'skein-netlab-'
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function pidsIn(full: string): readonly number[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', full], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

function removeNamespace(full: string): void {
  // A browser starts processes while others end: ask until there are none.
  for (let pids = pidsIn(full); pids.length > 0; pids = pidsIn(full)) {
    for (const pid of pids) kill(pid)
  }
  spawnSync('ip', ['netns', 'del', full])
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isNoProcess(error)) throw error
  }
}

/** Whether a signal failed because the process has already ended. */
export const isNoProcess = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ESRCH'

function removeAbandoned(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const [full, pid] of stdout.matchAll(new RegExp(`^${namePrefix}(\\d+)-\\w+`, 'gm'))) {
    if (!isRunning(Number(pid))) removeNamespace(full)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !isNoProcess(error)
  }
}
