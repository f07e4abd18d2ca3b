import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { root, run, stateDirectory } from './run.ts'

const node = process.execPath

test('run resolves with the exit code of the command', async () => {
  expect(await run({ file: node, args: ['-e', 'process.exit(3)'] })).toBe(3)
})

test('a command that a signal ends has not succeeded', async () => {
  const args = ['-e', 'process.kill(process.pid, "SIGKILL")']
  expect(await run({ file: node, args })).toBe(128 + 9)
})

test('the servers that the commands start keep their secret where git ignores it', async () => {
  const args = ['check-ignore', '--quiet', `${stateDirectory.SKEIN_STATE_DIR}/secret`]
  expect(stateDirectory.SKEIN_STATE_DIR).toContain(root)
  expect(await run({ file: 'git', args })).toBe(0)
})

test('run passes SIGTERM on, kills remaining children, and starts no further command', async () => {
  const command = `
    const { spawn } = require('node:child_process')
    const forever = 'setInterval(() => {}, 1000)'
    spawn(process.execPath, ['-e', forever], { stdio: 'inherit' })
    process.on('SIGTERM', () => process.exit(7))
    setInterval(() => {}, 1000)
    console.log('ready')`
  const module = JSON.stringify(new URL('run.ts', import.meta.url).href)
  const script = `
    import { run } from ${module}
    const args = ['-e', ${JSON.stringify(command)}]
    process.exitCode = await run({ file: process.execPath, args })
    const next = await run({ file: process.execPath, args })
    if (next !== 130) process.exitCode = 1`
  const outer = spawn(node, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(outer.stdout, 'data')
  outer.kill('SIGTERM')
  // `close` fires once no process has the output open: neither the command nor its child.
  expect(await once(outer, 'close')).toEqual([7, null])
})
