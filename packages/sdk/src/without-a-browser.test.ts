import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const cwd = fileURLToPath(new URL('../', import.meta.url))

/** Runs code in a Node process without browser globals; resolves with the JSON that it prints. */
const runWithoutBrowser = async (code: string): Promise<unknown> => {
  const bare = `
    for (const name of ['WebSocket', 'RTCPeerConnection', 'window', 'document', 'navigator']) {
      delete globalThis[name]
      if (name in globalThis) throw new Error(name + ' is still there')
    }
    const attempt = async (options) => {
      const { joinRoom } = await import('@skein/sdk')
      const room = { url: 'wss://skein.test/ws', room: 'blue-door', ...options }
      return joinRoom(room).then(() => 'joined', ({ name, code, message }) => ({ name, code, message }))
    }`
  const args = ['--conditions=@skein/source', '--input-type=module', '-e', `${bare}\n${code}`]
  const { stdout } = await run(process.execPath, args, { cwd })
  return JSON.parse(stdout)
}

test('the SDK can be imported without browser globals', async () => {
  const names = await runWithoutBrowser(
    `console.log(JSON.stringify(Object.keys(await import('@skein/sdk'))))`,
  )
  expect(names).toContain('joinRoom')
})

test('joining without browser globals rejects and names the missing port', async () => {
  const errors = await runWithoutBrowser(`
    class Port {}
    console.log(JSON.stringify([
      await attempt({ RTCPeerConnection: Port }),
      await attempt({ WebSocket: Port }),
      await attempt({}),
    ]))`)
  const missing = (name: string) => ({
    name: 'SkeinError',
    code: 'bad-argument',
    message: expect.stringContaining(name),
  })
  expect(errors).toEqual([
    missing('WebSocket'),
    missing('RTCPeerConnection'),
    missing('RTCPeerConnection'),
  ])
})
