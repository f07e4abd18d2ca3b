import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { onOrphaned } from './orphaned.ts'

/** The root of the repository, with a trailing slash. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Where the servers that the commands start keep their secret, so that rooms survive a restart: the
 * environment for `run`. Git ignores the directory.
 */
export const stateDirectory = {
  SKEIN_STATE_DIR: process.env.SKEIN_STATE_DIR || `${root}node_modules/.cache/skein`,
}

/** A program with its arguments, run at the root of the repository. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Print the output only if the command fails. */
  readonly isQuiet?: boolean
}

/**
 * Runs a command until it exits, and passes on the signals that should end this process. Sends
 * SIGTERM when this process is orphaned. Resolves with the exit code, or with 128 plus the signal
 * number.
 */
export async function run({ file, args, env, isQuiet = false }: Command): Promise<number> {
  if (isEnding) return interrupted
  const stdio = isQuiet ? 'pipe' : 'inherit'
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdio, stdio],
    // Its own process group, so that one signal from here reaches all of its processes, once: turbo
    // runs behind a script that passes no signals on, and the terminal would send Ctrl-C as well.
    detached: process.platform !== 'win32',
    // On Windows, the commands that npm installs are batch files, which only a shell can start.
    shell: process.platform === 'win32' && file !== process.execPath,
  })
  const stopRelaying = relaySignals(child)
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => output.push(part))
  try {
    const code = await exitCodeOf(child)
    if (code !== 0) for (const part of output) process.stderr.write(part)
    return code
  } finally {
    stopRelaying()
  }
}

/** Set by the first signal to this process: no further command starts. */
let isEnding = false
const interrupted = 130

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // Kills the children that the command left running.
    child.once('exit', () => killGroup(child, 'SIGKILL'))
    // Not on `exit`: the last output may not have arrived by then.
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

function relaySignals(child: ChildProcess): () => void {
  const relay = (signal: NodeJS.Signals): void => {
    isEnding = true
    killGroup(child, signal)
  }
  const stopWatching = onOrphaned(() => relay('SIGTERM'))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, relay)
  return () => {
    stopWatching()
    for (const signal of signals) process.off(signal, relay)
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch (error) {
    // ESRCH: no process of the group is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
