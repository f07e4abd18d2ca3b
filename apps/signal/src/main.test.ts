import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from './server/server.ts'
import { TestClient } from './testing/test-client.ts'
import { audience, key, tokenFor } from './testing/token-auth.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

interface RunningCommand {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exited: Promise<number | null>
}

const run = (argv: readonly string[], env: Record<string, string> = {}): RunningCommand => {
  const child = spawn(process.execPath, ['--conditions=@skein/source', main, ...argv], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', SKEIN_STATE_DIR: 'none', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data
    })
  }
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, output: () => output, exited: once(child, 'exit').then(([code]) => code) }
}

/** Starts a server; resolves when it listens. */
const serve = async (
  argv: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<RunningCommand & { readonly url: string }> => {
  const command = run(['--port', '0', '--host', '127.0.0.1', ...argv], env)
  await expect.poll(command.output, { timeout: 10_000 }).toContain('"port"')
  const port = /"port":(\d+)/.exec(command.output())?.[1]
  return { ...command, url: `ws://127.0.0.1:${port}/ws` }
}

const expectStartError = async (command: RunningCommand, text: string): Promise<void> => {
  expect(await command.exited).toBe(1)
  expect(command.output()).toContain(text)
  expect(command.output()).toMatch(/^skein-signal: [^\n]+\.\n$/)
}

test('the server does not start with an invalid setting, and the error is one sentence', async () => {
  await expectStartError(run([], { PORT: 'abc' }), 'PORT (--port) must be an integer')
})

test('the server does not start with contradictory settings, and the error is one sentence', async () => {
  await expectStartError(run([], { SKEIN_AUTH: 'token' }), 'requires SKEIN_JWT_AUDIENCE')
})

test('the server does not start with an unknown flag, and the error is one sentence', async () => {
  await expectStartError(run(['--prot', '1']), '--prot')
})

test('the server does not start on a port in use, and the error is one sentence', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  onTestFinished(() => void blocker.close())
  const address = blocker.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expectStartError(
    run(['--port', `${port}`, '--host', '127.0.0.1']),
    `Port ${port} is already in use`,
  )
})

test('the server does not start on an address of another machine, and the error is one sentence', async () => {
  await expectStartError(
    run(['--port', '0', '--host', '192.0.2.1']),
    'HOST (--host) must be an address',
  )
})

test('the server does not start with an empty site directory, and the error is one sentence', async () => {
  const site = mkdtempSync(join(tmpdir(), 'skein-'))
  await expectStartError(run(['--site', site]), 'SKEIN_SITE (--site) must be a directory')
})

test('the server does not start with TURN but without its secret, and the error is one sentence', async () => {
  await expectStartError(
    run(['--turn-urls', 'turn:t.example.org']),
    'SKEIN_TURN_URLS requires SKEIN_TURN_SECRET',
  )
})

test('the server does not start with a short secret, and the error is one sentence', async () => {
  await expectStartError(
    run([], { SKEIN_SECRET: 's' }),
    'SKEIN_SECRET (--secret) must be at least 32 bytes long',
  )
})

test('startServer rejects a short secret with one sentence', async () => {
  await expect(startServer({ port: 0, secret: 's'.repeat(31) })).rejects.toThrow(
    'SKEIN_SECRET (--secret) must be at least 32 bytes long (try: openssl rand -base64 32).',
  )
})

test('killed and started again by the same user, the command accepts the members of its rooms', async () => {
  const home = mkdtempSync(join(tmpdir(), 'skein-home-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  // Empty: not set.
  const env = { SKEIN_STATE_DIR: '', XDG_STATE_HOME: home, LOCALAPPDATA: home }
  const first = await serve([], env)
  const client = await TestClient.open({ url: first.url })
  const { self, resume, epoch } = await client.join('r')
  first.child.kill('SIGKILL')
  await first.exited
  const second = await serve([], env)
  const back = await TestClient.open({ url: second.url })
  expect(await back.join('r', { resume })).toMatchObject({ resumed: true, epoch, self })
  expect(second.output()).toContain(JSON.stringify(join(home, 'skein/secret')))
})

test('the server does not start with Redis but without a secret, and the error is one sentence', async () => {
  await expectStartError(
    run(['--redis-url', 'redis://redis.example.org']),
    'SKEIN_REDIS_URL requires SKEIN_SECRET',
  )
})

test('startServer rejects an invalid Redis URL with one sentence', async () => {
  const started = startServer({ port: 0, secret: 's'.repeat(32), redisUrl: 'http://example.org' })
  await expect(started).rejects.toThrow(
    /^SKEIN_REDIS_URL \(--redis-url\) must be a URL such as redis:/,
  )
})

test('--help and --version print and exit with 0', async () => {
  const help = run(['--help'])
  expect(await help.exited).toBe(0)
  expect(help.output()).toContain('SKEIN_MAX_CONNECTIONS')
  const version = run(['--version'])
  expect(await version.exited).toBe(0)
  expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('SIGTERM drains: members get goaway, and the process exits with 0 when they are gone', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGTERM')
  await client.next('goaway')
  client.drop()
  expect(await server.exited).toBe(0)
})

test('a second SIGTERM exits at once', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGTERM')
  await client.next('goaway')
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(1)
  expect(await client.closed).toEqual({ code: 1006 })
})

test('SIGINT exits without waiting for members', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGINT')
  expect(await client.closed).toEqual({ code: 4000 })
  expect(await server.exited).toBe(0)
})

test('with token auth, only clients with a token can join, and the key is never logged', async () => {
  const { url, output, child } = await serve([
    ...['--auth', 'token', '--jwt-key', key, '--jwt-audience', audience],
  ])
  const visitor = await TestClient.open({ url })
  visitor.send({ type: 'join', v: 1, room: 'calm' })
  expect(await visitor.closed).toEqual({ code: 4501 })
  const member = await TestClient.open({ url })
  await member.join('calm', { token: await tokenFor() })
  expect(output()).not.toContain(key)
  expect(child.exitCode).toBeNull()
})

test('the process survives all kinds of invalid frames', async () => {
  const server = await serve()
  const member = await TestClient.open({ url: server.url })
  await member.join('r')
  const invalidFrames = [
    ...['null', '[]', '1', '"x"', '{', '['.repeat(60_000), 'x'.repeat(70_000)],
    ...[Buffer.alloc(10), Buffer.alloc(70_000)],
  ]
  for (const frame of invalidFrames) {
    const client = await TestClient.open({ url: server.url })
    client.sendRaw(frame)
    await Promise.race([client.closed, client.next('error')])
    client.drop()
  }
  await member.settle()
  expect(server.child.exitCode).toBeNull()
})
