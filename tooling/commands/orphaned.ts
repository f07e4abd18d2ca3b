import { readFileSync } from 'node:fs'

/**
 * Calls back when whoever typed `npx pnpm …` is gone.
 *
 * A TERM to npx ends npx and its shell, and neither passes it on: pnpm and all below it would go on
 * with nobody to stop them, and keep their ports. (Seen with npm 11 and pnpm 12, November 2026.)
 * Linux only, where a process can look up its ancestors; elsewhere nothing is watched.
 */
export function onOrphaned(callback: () => void, everyMs = 500): () => void {
  const pnpm = underNpx()
  if (pnpm === null) return () => {}
  const timer = setInterval(() => {
    if (parentOf(pnpm.pid) === pnpm.parent) return
    clearInterval(timer)
    callback()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

interface Process {
  readonly pid: number
  readonly parent: number
}

/** The pnpm that runs this script, when npx runs that pnpm: any other may outlive its parent. */
function underNpx(): Process | null {
  for (let pid = process.pid; pid > 1; ) {
    const parent = parentOf(pid)
    if (parent === null) return null
    const runsPnpm = nameOf(pid) === 'pnpm'
    if (runsPnpm) return [parent, parentOf(parent)].some(isNpm) ? { pid, parent } : null
    pid = parent
  }
  return null
}

const isNpm = (pid: number | null): boolean => pid !== null && nameOf(pid).startsWith('npm ')

function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim()
}

function parentOf(pid: number): number | null {
  // The name, in parentheses, may hold spaces: fields are counted from its end.
  const [, parent] = /^.*\) \S (\d+)/s.exec(read(`/proc/${pid}/stat`)) ?? []
  return parent === undefined ? null : Number(parent)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has gone, or this system has no /proc.
    return ''
  }
}
