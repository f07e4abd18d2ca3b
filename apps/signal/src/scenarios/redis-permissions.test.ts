import { expect, onTestFinished, test } from 'vitest'
import { needs } from '../testing/needs.ts'
import { startNode } from '../testing/nodes.ts'
import { redisCommand } from '../testing/redis-command.ts'
import { type RedisServer, startRedis } from '../testing/redis-server.ts'

/** The permissions that docs/operations.md tells operators to grant. */
const keys = ['~skein:*', '&skein:inbox:*']
const commands = [
  ...['+eval', '+evalsha', '+info', '+time', '+get', '+set', '+hmget', '+hset', '+pexpire'],
  ...['+publish', '+subscribe', '+unsubscribe', '+ping', '+client|setname'],
]

const startRedisFor = async (allowed: readonly string[]): Promise<RedisServer> => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const rules = ['on', '>secret', 'resetkeys', 'resetchannels', '-@all', ...allowed]
  expect(await redisCommand(redis, ['ACL', 'SETUSER', 'skein', ...rules])).toBe('+OK\r\n')
  return { ...redis, url: `redis://skein:secret@127.0.0.1:${redis.port}` }
}

const linesOf = async (
  redis: RedisServer,
  command: readonly string[],
): Promise<readonly string[]> =>
  (await redisCommand(redis, command)).split('\r\n').filter((line) => line.startsWith('skein:'))

const patience = { timeout: 10_000 }

if (needs('redis-server')) {
  test('a Redis user needs no more permissions than the operations guide lists', async () => {
    const redis = await startRedisFor([...keys, ...commands])
    const tuning = { leaseMs: 1_500, beatMs: 100 }
    const [one, two] = [await startNode(redis, { tuning }), await startNode(redis, { tuning })]
    const [a, b] = [await one.member('r'), await two.member('r')]
    await a.client.next('peer-joined')
    a.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(a.id)
    await one.kill()
    expect((await b.client.next('peer-updated')).peer).toMatchObject({ id: a.id, online: false })
    const previousInboxes = await linesOf(redis, ['PUBSUB', 'CHANNELS'])
    for (const key of await linesOf(redis, ['KEYS', 'skein:node:*'])) {
      await redisCommand(redis, ['SET', key, 'dead'])
    }
    expect(await b.client.closed).toEqual({ code: 4000 })
    const hasNewInbox = async (): Promise<boolean> => {
      const inboxes = await linesOf(redis, ['PUBSUB', 'CHANNELS'])
      return inboxes.length === 1 && !previousInboxes.includes(inboxes.join())
    }
    await expect.poll(hasNewInbox, patience).toBe(true)
    await expect.poll(async () => (await fetch(`${two.httpUrl}/readyz`)).status, patience).toBe(200)
    expect(await redisCommand(redis, ['ACL', 'LOG'])).toBe('*0\r\n')
  })

  test('without permission for INFO the server is not ready, and logs the reason', async () => {
    const redis = await startRedisFor([...keys, ...commands, '-info'])
    const lines: string[] = []
    const server = await startNode(redis, {
      tuning: { beatMs: 50 },
      logLevel: 'debug',
      logTo: { write: (line) => void lines.push(line) },
    })
    // The first rounds may fail because the connection is not open yet.
    const matches = (): readonly string[] =>
      lines.filter(
        (line) => /store unavailable/.test(line) && /"reason":"[^"]+can't run/.test(line),
      )
    await expect.poll(() => matches().length, patience).toBeGreaterThan(2)
    const warnings = matches().filter((line) => !line.includes('"level":"debug"'))
    expect(warnings).toEqual([expect.stringContaining('"level":"warn"')])
    const ready = await fetch(`${server.httpUrl}/readyz`)
    expect(ready.status).toBe(503)
    const reasons = expect.arrayContaining(['store unreachable'])
    expect(await ready.json()).toMatchObject({ reasons })
    const early = await server.connect()
    early.send({ type: 'join', v: 1, room: 'r' })
    expect(await early.next('error')).toMatchObject({ code: 'overloaded' })
  })
}
