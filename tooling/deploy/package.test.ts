import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '@skein/needs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { root } from './repository.ts'

const run = promisify(execFile)
// npx starts a package in one process at a time, so a pnpm on the PATH is preferred.
const [pnpm, ...pnpmArgs] = isInstalled('pnpm') ? ['pnpm'] : ['npx', '-y', 'pnpm@12']
const home = mkdtempSync(join(tmpdir(), 'skein-package-'))
const command = join(home, 'node_modules/.bin/skein-signal')
/** Without the Node that the lockfile pins: the command runs on the machine's own, as for users. */
const usersPath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter)

/** Packs a package as it is published; resolves with the tarball and the paths in it. */
async function pack(directory: string): Promise<{ file: string; paths: readonly string[] }> {
  const args = [...pnpmArgs, 'pack', '--json', '--pack-destination', home]
  const { stdout } = await run(pnpm, args, { cwd: join(root, directory) })
  // Scripts of the package print before the JSON.
  const packed: { filename: string; files: readonly { path: string }[] } = JSON.parse(
    stdout.slice(stdout.indexOf('{')),
  )
  return { file: packed.filename, paths: packed.files.map(({ path }) => path) }
}

let paths: readonly string[] = []

beforeAll(async () => {
  const [protocol, sdk] = [await pack('packages/protocol'), await pack('packages/sdk')]
  const signal = await pack('apps/signal')
  paths = signal.paths
  writeFileSync(join(home, 'package.json'), '{ "private": true }')
  // Both depend on a version of the protocol that may not be published yet.
  const overrides = `overrides:\n  '@skein/protocol': file:${protocol.file}\n`
  writeFileSync(join(home, 'pnpm-workspace.yaml'), overrides)
  const add = [...pnpmArgs, 'add', '--prefer-offline', signal.file, sdk.file]
  await run(pnpm, add, { cwd: home })
}, 120_000)

afterAll(() => rmSync(home, { recursive: true, force: true }))

test('the package contains only the command, its types, its sources and the site', () => {
  const expected = [
    /^(package\.json|README\.md|LICENSE)$/,
    /^dist\/[\w.-]+\.(js|js\.map|d\.ts)$/,
    /^dist\/site\/((index|404)\.html|favicon\.svg|theme\.js|(errors|licence)\.txt)(\.br|\.gz)?$/,
    /^dist\/site\/(config\.json|social-card\.png)$/,
    /^dist\/site\/assets\/[\w-]+-[\w-]{8}\.(js|css)(\.br|\.gz)?$/,
    /^src\/([\w-]+\/)*[\w-]+\.(ts|lua)$/,
  ]
  expect(paths.filter((path) => !expected.some((pattern) => pattern.test(path)))).toEqual([])
  expect(paths.filter((path) => /testing\/|\.(test|conformance)\./.test(path))).toEqual([])
  const required = ['dist/main.js', 'dist/index.js', 'dist/index.d.ts', 'dist/site/index.html']
  expect(required.filter((path) => !paths.includes(path))).toEqual([])
})

test('a program that installs the package can mint tokens', async () => {
  const script = `import { mintToken } from '@skein/signal/token'
    console.log(await mintToken({ key: 'k'.repeat(32), audience: 'a', room: 'r' }))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: home,
  })
  expect(stdout).toMatch(/^([\w-]+\.){2}[\w-]{43}\n$/)
})

test('the SDK exports what its documentation names, and nothing else', async () => {
  const script = `import * as sdk from '@skein/sdk'
    console.log(...Object.keys(sdk).toSorted())`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: home,
  })
  expect(stdout).toBe('SkeinError joinRoom\n')
})

test('the types of the SDK compile with a lib of ES2022 and DOM, checked in full', async () => {
  const program = `import { joinRoom, type Room } from '@skein/sdk'
    export const enter = async (): Promise<Room> => {
      const room = await joinRoom({ url: 'wss://example.org/ws', room: 'blue-door' })
      await room[Symbol.asyncDispose]()
      return room
    }`
  writeFileSync(join(home, 'program.mts'), program)
  const tsc = join(root, 'tooling/deploy/node_modules/.bin/tsc')
  const target = ['--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom']
  const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', '']
  const { stdout } = await run(tsc, [...target, ...flags, 'program.mts'], { cwd: home })
  expect(stdout).toBe('')
})

test('npx finds the command', async () => {
  const { stdout } = await run('npx', ['--no', '@skein/signal', '--version'], { cwd: home })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('on the Node of the machine, the installed command serves the site, accepts a member, and drains on SIGTERM', async () => {
  const server = await serve()
  const page = await fetch(server.url)
  expect(await page.text()).toContain('<title>Skein')
  const member = await joinRoom(server.url)
  expect(member.welcome).toMatchObject({ type: 'welcome', room: 'packed' })
  const goaway = nextMessage(member.socket)
  server.child.kill('SIGTERM')
  expect(await goaway).toMatchObject({ type: 'goaway' })
  member.socket.terminate()
  expect(await server.exited).toEqual([0, null])
})

test('the site can be turned off', async () => {
  const server = await serve({ SKEIN_SITE: 'none' })
  expect((await fetch(server.url)).status).toBe(404)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

async function serve(env: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, ['--port', '0', '--host', '127.0.0.1'], {
    cwd: home,
    env: { PATH: usersPath, SKEIN_STATE_DIR: join(home, 'state'), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let output = ''
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    output += part
    const [, port] = /"port":(\d+)/.exec(output) ?? []
    if (port === undefined) continue
    child.stdout.resume()
    return { child, exited, url: `http://127.0.0.1:${port}` }
  }
  throw new Error(`the server exited before it listened: ${output}`)
}

async function joinRoom(url: string) {
  const socket = new WebSocket(`${url}/ws`, 'skein.v1')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'join', v: 1, room: 'packed' }))
  return { socket, welcome: await nextMessage(socket) }
}

async function nextMessage(socket: WebSocket): Promise<unknown> {
  const [data] = await once(socket, 'message')
  return JSON.parse(String(data))
}
