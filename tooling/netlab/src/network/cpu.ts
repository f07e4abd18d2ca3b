import { readFileSync } from 'node:fs'

/** Linux counts the time of processes in hundredths of a second on every usual machine. */
const ticksPerSecond = 100

/** How long the processors have worked for a process; 0 if it has ended. */
export function cpuSecondsOf(pid: number): number {
  try {
    // The name in parentheses may contain spaces. User and system time are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}
