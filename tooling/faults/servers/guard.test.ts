import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const guard = fileURLToPath(new URL('guard.ts', import.meta.url))

// A process that starts another one, freezes it, and crashes.
const script = `
import { spawn } from 'node:child_process'
import { guard, openFolder } from ${JSON.stringify(guard)}
const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
guard(child)
child.kill('SIGSTOP')
const folder = await openFolder()
process.stdout.write(JSON.stringify({ pid: child.pid, folder }), () => process.kill(process.pid, 'SIGKILL'))
`

test('processes and folders of a run are removed after a crash, even a frozen process', async () => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const { pid, folder }: { pid: number; folder: string } = JSON.parse(stdout)
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
  await expect.poll(() => existsSync(folder)).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // The process does not exist.
    return false
  }
}
