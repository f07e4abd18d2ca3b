import { expect, onTestFinished, test } from 'vitest'
import { roomKey } from '../backbone/redis/keys.ts'
import { needs } from '../testing/needs.ts'
import { startNode, startNodes } from '../testing/nodes.ts'
import { redisCommand } from '../testing/redis-command.ts'
import { startRedis } from '../testing/redis-server.ts'
import type { Member } from '../testing/servers.ts'

/** What a fault must not bring about. */
const expectUndisturbed = (...members: readonly Member[]): void => {
  for (const { client } of members) {
    expect(client.received('host')).toEqual([])
    expect(client.received('peer-left')).toEqual([])
    const joined = client.received('peer-joined').map(({ peer }) => peer.id)
    expect(joined).toEqual([...new Set(joined)])
  }
}

const patience = { timeout: 10_000 }

if (needs('redis-server')) {
  test('members of a node that died are away, then gone, and the role moves', async () => {
    const { nodes } = await startNodes(2, {
      tuning: { leaseMs: 1_500, beatMs: 100 },
      hostGraceMs: 300,
      memberGraceMs: 600,
    })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await one.kill()
    const away = await b.client.next('peer-updated')
    expect(away.peer).toMatchObject({ id: a.id, online: false })
    expect(await b.client.next('host')).toMatchObject({ host: b.id, reason: 'timeout', term: 2 })
    expect(await b.client.next('peer-left')).toMatchObject({ id: a.id, reason: 'timeout' })
  })

  test('the host of a node that died is host still when it comes back by another', async () => {
    const { nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await one.kill()
    const client = await two.connect()
    const welcome = await client.join('r', { resume: a.resume })
    expect(welcome).toMatchObject({ resumed: true, self: { id: a.id }, host: a.id, term: 1 })
    expectUndisturbed(b)
  })

  test('a node that the others took for dead closes its sockets and goes on under another name', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const before = await nodeKeys(redis)
    const b = await two.member('r')
    await a.client.next('peer-joined')
    // Which of the two it is does not matter: what holds for one holds for the other.
    const [key] = before
    await redisCommand(redis, ['SET', String(key), 'dead'])
    const [closed] = await Promise.race(
      [a, b].map(async (each) => [each, await each.client.closed]),
    )
    if (closed === undefined || !('client' in closed)) throw new Error('One of them was closed.')
    expect(await closed.client.closed).toEqual({ code: 4000 })
    // Before anybody can come back: a new name that is not there would be buried where it is met.
    expect(await nodeKeys(redis)).toHaveLength(before.length + 1)
    const server = closed === a ? one : two
    const other = closed === a ? b : a
    const client = await server.connect()
    const welcome = await client.join('r', { resume: closed.resume })
    expect(welcome.self.id).toBe(closed.id)
    expect(welcome.peers.map(({ id }) => id)).toEqual([other.id])
    client.signal(other.id)
    expect((await other.client.next('signal')).from).toBe(closed.id)
    expectUndisturbed(other)
  })

  test('what was said while a node could not hear is made up for by a welcome', async () => {
    const { redis, nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redisCommand(redis, ['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    b.client.send({ type: 'update', presence: { is: 'new' } })
    await b.client.next('peer-updated')
    const told = await a.client.next('peer-updated', 'welcome')
    const peers = told.type === 'welcome' ? told.peers : [told.peer]
    expect(peers).toMatchObject([{ id: b.id, presence: { is: 'new' } }])
    a.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(a.id)
  })

  test('a store that is emptied gets its rooms back from the nodes, in a later term', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redisCommand(redis, ['FLUSHALL'])
    const [wa, wb] = await Promise.all([a.client.next('welcome'), b.client.next('welcome')])
    expect([wa.host, wb.host]).toEqual([a.id, a.id])
    expect(wb.term).toBeGreaterThan(1_000_000)
    expect([wa.self.id, wb.self.id]).toEqual([a.id, b.id])
    const c = await two.member('r')
    expect(c.client.received('welcome')[0]?.peers.map(({ id }) => id)).toEqual([a.id, b.id])
    await a.client.next('peer-joined')
    expectUndisturbed(a, b, c)
  })

  test('a store that forgot its last writes does not give a term a second host', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redisCommand(redis, ['COPY', roomKey('r'), 'former'])
    a.client.send({ type: 'transfer-host', to: b.id })
    expect(await a.client.next('host')).toMatchObject({ host: b.id, term: 2 })
    await redisCommand(redis, ['COPY', 'former', roomKey('r'), 'REPLACE'])
    // A master that was a replica for a moment is another store from then on.
    await redisCommand(redis, ['REPLICAOF', '127.0.0.1', '1'])
    await redisCommand(redis, ['REPLICAOF', 'NO', 'ONE'])
    const [wa, wb] = await Promise.all([a.client.next('welcome'), b.client.next('welcome')])
    expect([wa.host, wb.host]).toEqual([b.id, b.id])
    expect(wa.term).toBeGreaterThan(1_000_000)
    expect(wb.term).toBe(wa.term)
    await b.client.leave()
    expect(await a.client.next('host')).toMatchObject({ host: a.id, term: wa.term + 1 })
  })

  test('the first replica of a store changes nothing; that store as a replica for a moment does', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    // Else it waits 5 s for more replicas.
    await redisCommand(redis, ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0'])
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(redis.port)] })
    onTestFinished(() => replica.stop())
    const link = (): Promise<string> => redisCommand(replica, ['INFO', 'replication'])
    await expect.poll(link, patience).toContain('master_link_status:up')
    b.client.send({ type: 'update', presence: { is: 'new' } })
    await a.client.next('peer-updated')
    const c = await two.member('r')
    await a.client.next('peer-joined')
    expect(c.client.received('welcome')).toMatchObject([{ term: 1, host: a.id }])
    expect(a.client.received('welcome')).toHaveLength(1)
    expectUndisturbed(a, b, c)
    await redisCommand(redis, ['REPLICAOF', '127.0.0.1', '1'])
    await redisCommand(redis, ['REPLICAOF', 'NO', 'ONE'])
    expect((await a.client.next('welcome')).term).toBeGreaterThan(1_000_000)
  })

  test('redis that is started anew, empty, gets its rooms back', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redis.stop()
    const next = await startRedis({ port: redis.port })
    try {
      const wb = await b.client.next('welcome')
      expect(wb).toMatchObject({ self: { id: b.id }, host: a.id })
      expect(wb.term).toBeGreaterThan(1_000_000)
      await a.client.next('welcome')
      a.client.signal(b.id)
      await b.client.next('signal')
      const c = await two.member('r')
      expect((await a.client.next('peer-joined')).peer.id).toBe(c.id)
      expectUndisturbed(a, b, c)
    } finally {
      await next.stop()
    }
  })

  test('while redis stands still members talk, newcomers are put off, and nobody is declared dead', async () => {
    const { redis, nodes } = await startNodes(2, {
      tuning: { beatMs: 100, redisMs: 300 },
      memberGraceMs: 1_000,
      hostGraceMs: 1_000,
    })
    const [one, two] = nodes
    const [a, b] = [await one.member('r'), await two.member('r')]
    const near = await one.member('r')
    await b.client.next('peer-joined')
    process.kill(redis.pid, 'SIGSTOP')
    const late = await two.connect()
    late.send({ type: 'join', v: 1, room: 'r' })
    expect(await late.next('error')).toMatchObject({ code: 'overloaded', retryable: true })
    near.client.signal(a.id)
    expect((await a.client.next('signal')).from).toBe(near.id)
    near.client.signal(b.id)
    await near.client.nextError('peer-unreachable')
    expect((await fetch(`${one.httpUrl}/readyz`)).status).toBe(503)
    process.kill(redis.pid, 'SIGCONT')
    await expect.poll(async () => (await fetch(`${one.httpUrl}/readyz`)).status, patience).toBe(200)
    await expect.poll(async () => (await fetch(`${two.httpUrl}/readyz`)).status, patience).toBe(200)
    expect((await late.join('r')).peers.map(({ id }) => id)).toEqual([a.id, b.id, near.id])
    near.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(near.id)
    expectUndisturbed(a, b, near)
  })

  test('a primary that became a replica is no store: the server says so, and looks for the primary', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const before = await commandClients(redis)
    // Nothing is there, so it stays read-only; its connections stay up, as behind a name.
    await redisCommand(redis, ['REPLICAOF', '127.0.0.1', '1'])
    const ready = async (): Promise<Response> => await fetch(`${one.httpUrl}/readyz`)
    await expect.poll(async () => (await ready()).status, patience).toBe(503)
    const reasons = expect.arrayContaining(['store unreachable'])
    expect(await (await ready()).json()).toMatchObject({ reasons })
    const isOther = async (): Promise<boolean> =>
      (await commandClients(redis)).some((id) => !before.includes(id))
    await expect.poll(isOther, patience).toBe(true)
    await redisCommand(redis, ['REPLICAOF', 'NO', 'ONE'])
    await expect.poll(async () => (await ready()).status, patience).toBe(200)
    await expect.poll(async () => (await fetch(`${two.httpUrl}/readyz`)).status, patience).toBe(200)
    const b = await two.member('r')
    expect((await a.client.next('peer-joined')).peer.id).toBe(b.id)
    expectUndisturbed(a, b)
  })

  test('many who come at once by several nodes all see the same room', async () => {
    const { nodes } = await startNodes(3)
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, n) => nodes[n % 3]?.member('r') ?? Promise.reject()),
    )
    const ids = clients.map(({ id }) => id).sort()
    for (const { client, id } of clients) {
      await expect
        .poll(() => rosterOf({ client, id }).join(), patience)
        .toBe(ids.filter((each) => each !== id).join())
    }
  })

  test('a server starts without its store, says that it is not ready, and is once the store is there', async () => {
    const redis = await startRedis()
    await redis.stop()
    const server = await startNode(redis)
    const ready = await fetch(`${server.httpUrl}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ reasons: ['store unreachable', 'bus silent'] })
    const early = await server.connect()
    early.send({ type: 'join', v: 1, room: 'r' })
    expect(await early.next('error')).toMatchObject({ code: 'overloaded' })
    const again = await startRedis({ port: redis.port })
    try {
      await expect
        .poll(async () => (await fetch(`${server.httpUrl}/readyz`)).status, patience)
        .toBe(200)
      await server.member('r')
    } finally {
      await again.stop()
    }
  })
}

const nodeKeys = async (redis: { readonly port: number }): Promise<readonly string[]> =>
  (await redisCommand(redis, ['KEYS', 'skein:node:*']))
    .split('\r\n')
    .filter((line) => line.includes('skein:'))

/** The connections for commands, by the numbers that Redis gives them: none is given twice. */
const commandClients = async (redis: { readonly port: number }): Promise<readonly string[]> =>
  (await redisCommand(redis, ['CLIENT', 'LIST']))
    .split('\n')
    .filter((line) => line.includes('name=skein-commands'))
    .map((line) => /id=(\d+)/.exec(line)?.[1] ?? '')

/** Whom a client sees, by its last welcome and what came since. */
const rosterOf = ({ client }: Pick<Member, 'client' | 'id'>): readonly string[] => {
  const ids = new Set<string>()
  for (const message of client.all) {
    if (message.type === 'welcome') {
      ids.clear()
      for (const { id } of message.peers) ids.add(id)
    }
    if (message.type === 'peer-joined') ids.add(message.peer.id)
    if (message.type === 'peer-left') ids.delete(message.id)
  }
  return [...ids].sort()
}
