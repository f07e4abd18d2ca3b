import { readFileSync } from 'node:fs'

/**
 * Calls back when the npx that started this script through pnpm has exited. Returns a function that
 * stops watching.
 *
 * On SIGTERM, npx and its shell exit without passing the signal on: pnpm and its children would
 * keep running and keep their ports. (Seen with npm 11 and pnpm 12, November 2026.) Linux only,
 * because it reads the ancestors of the process from /proc; other systems are not watched.
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

/** The pnpm that runs this script if npx started it: any other pnpm may outlive its parent. */
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
  // The process name, in parentheses, may contain spaces: count the fields after it.
  const [, parent] = /^.*\) \S (\d+)/s.exec(read(`/proc/${pid}/stat`)) ?? []
  return parent === undefined ? null : Number(parent)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has exited, or this system has no /proc.
    return ''
  }
}
