import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A message to the reaper. */
export interface GuardOrder {
  readonly verb: 'add' | 'delete'
  readonly pid?: number
  readonly folder?: string
}

/**
 * Makes sure that a process ends with this one. A frozen process cannot watch its parent, and Redis
 * does not, so a reaper process, which outlives this one for a moment, does it.
 */
export function guard(child: ChildProcess): void {
  const { pid } = child
  // The start failed; its `error` event has the reason.
  if (pid === undefined) return
  sendToReaper({ verb: 'add', pid })
  child.once('exit', () => sendToReaper({ verb: 'delete', pid }))
}

/** Creates a temporary folder for the files of processes. */
export async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-faults-'))
  sendToReaper({ verb: 'add', folder })
  return folder
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  sendToReaper({ verb: 'delete', folder })
}

/** Kills a process, even a frozen one; resolves when it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

let reaper: ChildProcess | null = null

function sendToReaper(order: GuardOrder): void {
  reaper ??= startReaper()
  reaper.send(order)
}

function startReaper(): ChildProcess {
  const file = fileURLToPath(new URL('reaper.ts', import.meta.url))
  // In its own process group, so that Ctrl-C does not end it first.
  const child = fork(file, { detached: true, stdio: 'ignore', execArgv: [] })
  child.unref()
  child.channel?.unref()
  return child
}
