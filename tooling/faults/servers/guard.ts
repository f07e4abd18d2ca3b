import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the reaper is told. */
export interface GuardOrder {
  readonly verb: 'add' | 'delete'
  readonly pid?: number
  readonly folder?: string
}

/**
 * Sees to it that a process does not outlive this one. A process that is frozen cannot watch its
 * parent, and Redis does not, so another one watches: it outlives us by a moment.
 */
export function guard(child: ChildProcess): void {
  const { pid } = child
  // It could not be started; its `error` event says why.
  if (pid === undefined) return
  tell({ verb: 'add', pid })
  child.once('exit', () => tell({ verb: 'delete', pid }))
}

/** A folder for what processes keep while a test runs. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-faults-'))
  tell({ verb: 'add', folder })
  return folder
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  tell({ verb: 'delete', folder })
}

/** Ends a process at once, also one that is frozen; resolves when it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

let reaper: ChildProcess | null = null

function tell(order: GuardOrder): void {
  reaper ??= startReaper()
  reaper.send(order)
}

function startReaper(): ChildProcess {
  const file = fileURLToPath(new URL('reaper.ts', import.meta.url))
  // In a group of its own, so that Ctrl-C does not end it first.
  const child = fork(file, { detached: true, stdio: 'ignore', execArgv: [] })
  child.unref()
  child.channel?.unref()
  return child
}
