// Started by guard.ts. Kills the processes and deletes the folders of a test run when it has ended.
import { rmSync } from 'node:fs'
import type { GuardOrder } from './guard.ts'

const pids = new Set<number>()
const folders = new Set<string>()

process.on('message', ({ verb, pid, folder }: GuardOrder) => {
  if (pid !== undefined) pids[verb](pid)
  if (folder !== undefined) folders[verb](folder)
})

process.once('disconnect', () => {
  for (const pid of pids) end(pid)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The process has already ended.
  }
}
