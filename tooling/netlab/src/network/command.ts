import { spawnSync } from 'node:child_process'

/** Runs a program to its end and returns what it printed. @throws with its error output. */
export function command(file: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { input, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')}: ${stderr.trim() || `exit ${status}`}`)
  return stdout
}
