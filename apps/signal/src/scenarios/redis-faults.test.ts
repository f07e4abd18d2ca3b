import { expect, onTestFinished, test } from 'vitest'
import { roomKey } from '../backbone/redis/keys.ts'
import { needs } from '../testing/needs.ts'
import { startNode, startNodes } from '../testing/nodes.ts'
import { redisCommand } from '../testing/redis-command.ts'
import { startRedis } from '../testing/redis-server.ts'
import type { Member } from '../testing/servers.ts'

/** Expects no host change, no departure and no duplicate arrival. */
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
  test('members of a dead node go offline, then leave, and another member becomes host', async () => {
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

  test('the host of a dead node is still host after it resumes on another node', async () => {
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

  test('a node that was declared dead closes its sockets and continues under a new name', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const before = await nodeKeys(redis)
    const b = await two.member('r')
    await a.client.next('peer-joined')
    // Either node will do: they are equivalent.
    const [key] = before
    await redisCommand(redis, ['SET', String(key), 'dead'])
    const [closed] = await Promise.race(
      [a, b].map(async (each) => [each, await each.client.closed]),
    )
    if (closed === undefined || !('client' in closed)) throw new Error('One of them was closed.')
    expect(await closed.client.closed).toEqual({ code: 4000 })
    // Before any client resumes: the other node would declare a name without a lease dead.
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

  test('a node that missed an update sends its members a welcome with the current state', async () => {
    const { redis, nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redisCommand(redis, ['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    b.client.send({ type: 'update', presence: { is: 'new' } })
    await b.client.next('peer-updated')
    const update = await a.client.next('peer-updated', 'welcome')
    const peers = update.type === 'welcome' ? update.peers : [update.peer]
    expect(peers).toMatchObject([{ id: b.id, presence: { is: 'new' } }])
    a.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(a.id)
  })

  test('a store that lost all data gets its rooms back from the nodes, in a later term', async () => {
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

  test('a store that lost its last writes does not give a term a second host', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    await redisCommand(redis, ['COPY', roomKey('r'), 'former'])
    a.client.send({ type: 'transfer-host', to: b.id })
    expect(await a.client.next('host')).toMatchObject({ host: b.id, term: 2 })
    await redisCommand(redis, ['COPY', 'former', roomKey('r'), 'REPLACE'])
    // A primary that was a replica for a moment counts as a new store from then on.
    await redisCommand(redis, ['REPLICAOF', '127.0.0.1', '1'])
    await redisCommand(redis, ['REPLICAOF', 'NO', 'ONE'])
    const [wa, wb] = await Promise.all([a.client.next('welcome'), b.client.next('welcome')])
    expect([wa.host, wb.host]).toEqual([b.id, b.id])
    expect(wa.term).toBeGreaterThan(1_000_000)
    expect(wb.term).toBe(wa.term)
    await b.client.leave()
    expect(await a.client.next('host')).toMatchObject({ host: a.id, term: wa.term + 1 })
  })

  test('attaching the first replica is no failover; briefly demoting the primary is', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    await a.client.next('peer-joined')
    // By default, Redis waits 5 s for more replicas.
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

  test('a Redis that restarts without data gets its rooms back', async () => {
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

  test('while Redis is frozen, members exchange signals, joins get overloaded, and no node is declared dead', async () => {
    const { redis, nodes } = await startNodes(2, {
      tuning: { beatMs: 100, redisMs: 300 },
      memberGraceMs: 1_000,
      hostGraceMs: 1_000,
    })
    const [one, two] = nodes
    const [a, b] = [await one.member('r'), await two.member('r')]
    const neighbor = await one.member('r')
    await b.client.next('peer-joined')
    process.kill(redis.pid, 'SIGSTOP')
    const late = await two.connect()
    late.send({ type: 'join', v: 1, room: 'r' })
    expect(await late.next('error')).toMatchObject({ code: 'overloaded', retryable: true })
    neighbor.client.signal(a.id)
    expect((await a.client.next('signal')).from).toBe(neighbor.id)
    neighbor.client.signal(b.id)
    await neighbor.client.nextError('peer-unreachable')
    expect((await fetch(`${one.httpUrl}/readyz`)).status).toBe(503)
    process.kill(redis.pid, 'SIGCONT')
    await expect.poll(async () => (await fetch(`${one.httpUrl}/readyz`)).status, patience).toBe(200)
    await expect.poll(async () => (await fetch(`${two.httpUrl}/readyz`)).status, patience).toBe(200)
    expect((await late.join('r')).peers.map(({ id }) => id)).toEqual([a.id, b.id, neighbor.id])
    neighbor.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(neighbor.id)
    expectUndisturbed(a, b, neighbor)
  })

  test('when the primary becomes a replica, the server is not ready and reconnects to find the primary', async () => {
    const { redis, nodes } = await startNodes(2, { tuning: { beatMs: 100 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const before = await commandClients(redis)
    // No server listens there, so this one stays read-only. Its connections stay up, as behind a
    // DNS name.
    await redisCommand(redis, ['REPLICAOF', '127.0.0.1', '1'])
    const ready = async (): Promise<Response> => await fetch(`${one.httpUrl}/readyz`)
    await expect.poll(async () => (await ready()).status, patience).toBe(503)
    const reasons = expect.arrayContaining(['store unreachable'])
    expect(await (await ready()).json()).toMatchObject({ reasons })
    const hasReconnected = async (): Promise<boolean> =>
      (await commandClients(redis)).some((id) => !before.includes(id))
    await expect.poll(hasReconnected, patience).toBe(true)
    await redisCommand(redis, ['REPLICAOF', 'NO', 'ONE'])
    await expect.poll(async () => (await ready()).status, patience).toBe(200)
    await expect.poll(async () => (await fetch(`${two.httpUrl}/readyz`)).status, patience).toBe(200)
    const b = await two.member('r')
    expect((await a.client.next('peer-joined')).peer.id).toBe(b.id)
    expectUndisturbed(a, b)
  })

  test('clients that join at once through several nodes see the same room', async () => {
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

  test('a server can start without its store and becomes ready once the store is up', async () => {
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

/** The ids of the command connections; Redis never reuses an id. */
const commandClients = async (redis: { readonly port: number }): Promise<readonly string[]> =>
  (await redisCommand(redis, ['CLIENT', 'LIST']))
    .split('\n')
    .filter((line) => line.includes('name=skein-commands'))
    .map((line) => /id=(\d+)/.exec(line)?.[1] ?? '')

/** The ids of the peers that a client knows, from its last welcome and later messages. */
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
