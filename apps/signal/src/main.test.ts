import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from './server/server.ts'
import { TestClient } from './testing/test-client.ts'
import { audience, key, tokenFor } from './testing/token-auth.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

interface Ran {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exited: Promise<number | null>
}

const run = (argv: readonly string[], env: Record<string, string> = {}): Ran => {
  const child = spawn(process.execPath, ['--conditions=@skein/source', main, ...argv], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
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

/** Starts a server and gives its address. */
const serve = async (argv: readonly string[] = []): Promise<Ran & { readonly url: string }> => {
  const ran = run(['--port', '0', '--host', '127.0.0.1', ...argv])
  await expect.poll(ran.output, { timeout: 10_000 }).toContain('"port"')
  const port = /"port":(\d+)/.exec(ran.output())?.[1]
  return { ...ran, url: `ws://127.0.0.1:${port}/ws` }
}

const expectSentence = async (ran: Ran, words: string): Promise<void> => {
  expect(await ran.exited).toBe(1)
  expect(ran.output()).toContain(words)
  expect(ran.output()).toMatch(/^skein-signal: [^\n]+\.\n$/)
}

test('a wrong setting stops the start with one sentence', async () => {
  await expectSentence(run([], { PORT: 'abc' }), 'PORT (--port) must be a whole number')
})

test('settings that do not go together stop the start with one sentence', async () => {
  await expectSentence(run([], { SKEIN_AUTH: 'token' }), 'needs SKEIN_JWT_AUDIENCE')
})

test('an unknown flag stops the start with one sentence', async () => {
  await expectSentence(run(['--prot', '1']), '--prot')
})

test('a taken port stops the start with one sentence', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  onTestFinished(() => void holder.close())
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expectSentence(run(['--port', `${port}`, '--host', '127.0.0.1']), `Port ${port} is taken`)
})

test('an address that is not of this machine stops the start with one sentence', async () => {
  await expectSentence(
    run(['--port', '0', '--host', '192.0.2.1']),
    'HOST (--host) must be an address',
  )
})

test('a site directory without a site stops the start with one sentence', async () => {
  const site = mkdtempSync(join(tmpdir(), 'skein-'))
  await expectSentence(run(['--site', site]), 'SKEIN_SITE (--site) must be a directory')
})

test('TURN without its secret stops the start with one sentence', async () => {
  await expectSentence(
    run(['--turn-urls', 'turn:t.example.org']),
    'SKEIN_TURN_URLS needs SKEIN_TURN_SECRET',
  )
})

test('Redis without a secret that all servers know stops the start with one sentence', async () => {
  await expectSentence(
    run(['--redis-url', 'redis://redis.example.org']),
    'SKEIN_REDIS_URL needs SKEIN_SECRET',
  )
})

test('an embedder that names no Redis gets a sentence too', async () => {
  const started = startServer({ port: 0, secret: 's', redisUrl: 'http://example.org' })
  await expect(started).rejects.toThrow(
    /^SKEIN_REDIS_URL \(--redis-url\) must be a URL such as redis:/,
  )
})

test('--help and --version say so and end well', async () => {
  const help = run(['--help'])
  expect(await help.exited).toBe(0)
  expect(help.output()).toContain('SKEIN_MAX_CONNECTIONS')
  const version = run(['--version'])
  expect(await version.exited).toBe(0)
  expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('SIGTERM drains: members are asked to go, and the process ends well when they are gone', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGTERM')
  await client.next('goaway')
  client.drop()
  expect(await server.exited).toBe(0)
})

test('a second SIGTERM ends the process at once', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGTERM')
  await client.next('goaway')
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(1)
  expect(await client.closed).toEqual({ code: 1006 })
})

test('SIGINT ends the process without waiting for members', async () => {
  const server = await serve()
  const client = await TestClient.open({ url: server.url })
  await client.join('r')
  server.child.kill('SIGINT')
  expect(await client.closed).toEqual({ code: 4000 })
  expect(await server.exited).toBe(0)
})

test('a process that asks for tokens takes who has one, and shows its key to nobody', async () => {
  const { url, output, child } = await serve([
    ...['--auth', 'token', '--jwt-key', key, '--jwt-audience', audience],
  ])
  const visitor = await TestClient.open({ url })
  visitor.send({ type: 'join', v: 1, room: 'calm' })
  expect(await visitor.closed).toEqual({ code: 4501 })
  const guest = await TestClient.open({ url })
  await guest.join('calm', { token: await tokenFor() })
  expect(output()).not.toContain(key)
  expect(child.exitCode).toBeNull()
})

test('the process outlives every sort of bad frame', async () => {
  const server = await serve()
  const member = await TestClient.open({ url: server.url })
  await member.join('r')
  const hostile = [
    ...['null', '[]', '1', '"x"', '{', '['.repeat(60_000), 'x'.repeat(70_000)],
    ...[Buffer.alloc(10), Buffer.alloc(70_000)],
  ]
  for (const frame of hostile) {
    const client = await TestClient.open({ url: server.url })
    client.sendRaw(frame)
    await Promise.race([client.closed, client.next('error')])
    client.drop()
  }
  await member.settle()
  expect(server.child.exitCode).toBeNull()
})
