import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { onOrphaned } from './orphaned.ts'

/** The root of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** A program with its arguments, run at the root of the repository. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Says something only when it fails. */
  readonly isQuiet?: boolean
}

/**
 * Runs a command until it ends, and tells it to end when this process is told to, or has lost the
 * one who started it. Resolves with its exit code; an end by a signal is 128 plus its number.
 */
export async function run({ file, args, env, isQuiet = false }: Command): Promise<number> {
  if (isEnding) return interrupted
  const output = isQuiet ? 'pipe' : 'inherit'
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    // A group of its own, so that a signal can reach all of it, once, through us: turbo hides behind
    // a script that passes nothing on, and the terminal would say Ctrl-C a second time.
    detached: process.platform !== 'win32',
    // On Windows npm's commands are batch files, which only a shell can start.
    shell: process.platform === 'win32' && file !== process.execPath,
  })
  const release = relaySignals(child)
  const held: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => held.push(part))
  try {
    const code = await ended(child)
    if (code !== 0) for (const part of held) process.stderr.write(part)
    return code
  } finally {
    release()
  }
}

/** Whoever is told to end starts nothing more. */
let isEnding = false
const interrupted = 130

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // What the command itself forgot to end.
    child.once('exit', () => killGroup(child, 'SIGKILL'))
    // Only now: what it said last may still have been on its way.
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
    // ESRCH: nothing of it is left, as it should be.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
