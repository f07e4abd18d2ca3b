import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext, test } from 'vitest'
import type { Client } from './clients/client.ts'
import { now } from './clients/client-group.ts'
import type { ClientLog } from './history/log.ts'
import { connectionsEndedSince, deliveredBetween } from './history/run-summary.ts'
import type { RedisNode } from './servers/redis-node.ts'
import type { RedisProxy } from './servers/redis-proxy.ts'
import { openProxy, openRedis, openRedisTestBed } from './test-bed/redis-test-bed.ts'
import { type TestBed, until } from './test-bed/test-bed.ts'

const fullRooms = { rooms: 3, members: 6 }
const noDisruption = { hostChanges: [], departures: [], rejectedResumes: 0 }

test.concurrent('Redis is killed and started empty: the rooms are rebuilt from their members', async (context) => {
  const { testBed, redis } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  await testBed.untilSignalsArrive()
  const before = hostsOf(testBed.group.clients)
  await redis.kill()
  await redis.start()
  await testBed.untilReady()
  await testBed.untilSettled()
  await until(() => expect(hostsOf(testBed.group.clients)).toEqual(before))
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject({ departures: [], rejectedResumes: 0 })
})

test.concurrent('Redis is paused for 10 s: no member times out', async (context) => {
  const { testBed, redis } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  const from = now()
  redis.freeze()
  // The host of one room, and a member of another.
  const dropped = [0, 4].flatMap((index) => testBed.group.clients[index] ?? [])
  for (const client of dropped) client.dropConnection()
  await sleep(10_000)
  // Signals between members on the same node do not need Redis.
  expect(deliveredBetween(testBed.group.logs, { from, until: now() })).toBeGreaterThan(0)
  redis.unfreeze()
  await testBed.untilReady()
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  const others = testBed.group.clients.filter((client) => !dropped.includes(client))
  expect(connectionsEndedSince(logsOf(others), from)).toEqual([])
})

test.concurrent('the subscriptions of all nodes are killed, three times', async (context) => {
  const { testBed, redis } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  for (let round = 0; round < 3; round += 1) {
    await testBed.untilSignalsArrive()
    expect(Number(await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBe(3)
    testBed.group.clients[round]?.dropConnection()
    await testBed.untilSettled()
  }
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
})

test.concurrent('the subscriptions of all nodes stop receiving and stay open', async (context) => {
  const { testBed, proxies } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  for (const proxy of proxies) proxy.pause('subscribers')
  testBed.group.clients[0]?.dropConnection()
  await testBed.untilSignalsArrive()
  await testBed.untilSettled()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
})

test.concurrent('one node cannot reach Redis for 20 s: its members return with their ids', async (context) => {
  const { testBed, proxies } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  await testBed.untilSignalsArrive()
  proxies[0]?.refuse()
  await sleep(20_000)
  proxies[0]?.accept()
  await testBed.untilReady()
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  const { departures, rejectedResumes, hostChanges } = await testBed.finish()
  expect({ departures, rejectedResumes }).toEqual({ departures: [], rejectedResumes: 0 })
  // The other nodes declared it dead: a host on it may have exceeded its host grace period.
  expect(hostChanges.filter(({ reason }) => reason !== 'timeout')).toEqual([])
})

test.concurrent('Redis responds 300 ms late: members join, leave and return', async (context) => {
  const { testBed, proxies } = await openRedisTestBed(context)
  await testBed.fill({ rooms: 3, members: 3 })
  for (const proxy of proxies) proxy.setDelay(300)
  await testBed.fill({ rooms: 3, members: 3 })
  await testBed.untilSignalsArrive()
  for (const client of testBed.group.clients.slice(0, 6)) client.dropConnection()
  await testBed.untilSettled()
  const leaver = testBed.group.clients.at(-1)
  const leaverId = leaver?.view?.self
  leaver?.leave()
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  const summary = await testBed.finish()
  expect(summary).toMatchObject({ hostChanges: [], rejectedResumes: 0 })
  expect(new Set(summary.departures.map(({ id, reason }) => `${id} ${reason}`))).toEqual(
    new Set([`${leaverId} left`]),
  )
})

test.concurrent('a replica that lags is promoted: the nodes restore what it lacks', async (context) => {
  const { testBed, proxies, redis } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const replica = await createLaggingReplica(redis, context)
  await testBed.untilSignalsArrive()
  await changeHosts(testBed)
  testBed.group.add({ room: 'room 0', node: testBed.nodes[1] ?? testBed.nodes[0] })
  await testBed.untilSettled()
  const before = hostsOf(testBed.group.clients)
  const terms = testBed.group.clients.map((client) => ({ client, term: termOf(client) }))
  await redis.kill()
  await promote(replica, proxies)
  await testBed.untilReady()
  // A node notices within seconds. What it restores is in a term above all earlier ones.
  await until(() => {
    const stale = terms.filter(({ client, term }) => termOf(client) <= term)
    expect(stale.map(({ client }) => client.name)).toEqual([])
  })
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  const { hostChanges, departures, rejectedResumes } = await testBed.finish()
  expect({ departures, rejectedResumes }).toEqual({ departures: [], rejectedResumes: 0 })
  expect(hostChanges.filter(({ reason }) => reason !== 'transfer')).toEqual([])
  expect(hostsOf(testBed.group.clients)).toEqual(before)
})

test.concurrent('a replica that lags is promoted, and the node that knew more died with the primary', async (context) => {
  const { testBed, proxies, redis } = await openRedisTestBed(context)
  const [node] = testBed.nodes
  for (let member = 0; member < 4; member += 1) {
    for (const room of ['room 0', 'room 1', 'room 2']) testBed.group.add({ room, node })
    await testBed.untilSettled()
  }
  const replica = await createLaggingReplica(redis, context)
  await testBed.untilSignalsArrive()
  await changeHosts(testBed)
  await Promise.all([node.kill(), redis.kill()])
  await promote(replica, proxies)
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  // The role may return to the host that the replica knew, in a term above all earlier ones.
  expect(await testBed.finish()).toMatchObject({ departures: [], rejectedResumes: 0 })
})

/** Creates a replica whose replication has stopped. */
async function createLaggingReplica(redis: RedisNode, context: TestContext): Promise<RedisNode> {
  const replica = await openRedis('replica', context)
  const replication = await openProxy(redis, context)
  await replica.command('REPLICAOF', '127.0.0.1', `${replication.port}`)
  await until(async () => {
    const info = await Promise.all(
      [redis, replica].map((one) => one.command('INFO', 'replication')),
    )
    expect(info[1]).toContain('master_link_status:up')
    expect(offsetIn(info[1])).toBe(offsetIn(info[0]))
  })
  replication.pause('all')
  return replica
}

function offsetIn(info: string | undefined): string | undefined {
  return /master_repl_offset:(\d+)/.exec(info ?? '')?.[1]
}

async function promote(replica: RedisNode, proxies: readonly RedisProxy[]): Promise<void> {
  await replica.command('REPLICAOF', 'NO', 'ONE')
  for (const proxy of proxies) proxy.redirect(replica.path)
}

function logsOf(clients: readonly Client[]): readonly ClientLog[] {
  return clients.map(({ journal }) => journal.log)
}

/** The host as each client knows it. */
function hostsOf(clients: readonly Client[]): readonly (string | null)[] {
  return clients.map(({ view }) => view?.host ?? null)
}

function termOf({ view }: Client): number {
  return view?.term ?? 0
}

/** Transfers the host role of each room to its last member, and waits until all clients know. */
async function changeHosts({ group }: TestBed): Promise<void> {
  const before = hostsOf(group.clients)
  for (const client of group.clients) transferHost(client)
  await until(() => {
    const after = hostsOf(group.clients)
    expect(after.filter((host, index) => host === null || host === before[index])).toEqual([])
  })
}

function transferHost(client: Client): void {
  const { view } = client
  const to = [...(view?.members.keys() ?? [])].at(-1)
  if (view?.host === view?.self && to !== undefined) client.send({ type: 'transfer-host', to })
}
