import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext, test } from 'vitest'
import type { Client } from './clients/client.ts'
import { now } from './clients/crowd.ts'
import { deliveredBetween, endsSince } from './history/account.ts'
import type { ClientLog } from './history/log.ts'
import type { RedisLine } from './servers/redis-line.ts'
import type { RedisNode } from './servers/redis-node.ts'
import { openLine, openRedis, openRedisStage } from './stage/redis-stage.ts'
import { type Stage, until } from './stage/stage.ts'

const crowded = { rooms: 3, members: 6 }
const unharmed = { hosts: [], left: [], rejected: 0 }

test.concurrent('Redis is killed and started empty: the rooms are rebuilt from their members', async (context) => {
  const { stage, redis } = await openRedisStage(context)
  await stage.fill(crowded)
  await stage.untilHeard()
  const before = hostsOf(stage.crowd.clients)
  await redis.kill()
  await redis.start()
  await stage.untilReady()
  await stage.untilAtRest()
  await until(() => expect(hostsOf(stage.crowd.clients)).toEqual(before))
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject({ left: [], rejected: 0 })
})

test.concurrent('Redis is paused for 10 s: nobody is declared dead for it', async (context) => {
  const { stage, redis } = await openRedisStage(context)
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  const from = now()
  redis.freeze()
  // The host of a room, and one of another.
  const dropped = [0, 4].flatMap((index) => stage.crowd.clients[index] ?? [])
  for (const client of dropped) client.drop()
  await sleep(10_000)
  // Those on one node need no Redis to talk.
  expect(deliveredBetween(stage.crowd.logs, { from, until: now() })).toBeGreaterThan(0)
  redis.wake()
  await stage.untilReady()
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  const others = stage.crowd.clients.filter((client) => !dropped.includes(client))
  expect(endsSince(logsOf(others), from)).toEqual([])
})

test.concurrent('the subscriptions of all nodes are killed, three times', async (context) => {
  const { stage, redis } = await openRedisStage(context)
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  for (let round = 0; round < 3; round += 1) {
    await stage.untilHeard()
    expect(Number(await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBe(3)
    stage.crowd.clients[round]?.drop()
    await stage.untilAtRest()
  }
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
})

test.concurrent('the subscriptions of all nodes go deaf and stay open', async (context) => {
  const { stage, lines } = await openRedisStage(context)
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  for (const line of lines) line.hold('subscribers')
  stage.crowd.clients[0]?.drop()
  await stage.untilHeard()
  await stage.untilAtRest()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
})

test.concurrent('one node cannot reach Redis for 20 s: its members come back under their ids', async (context) => {
  const { stage, lines } = await openRedisStage(context)
  await stage.fill(crowded)
  await stage.untilHeard()
  lines[0]?.refuse()
  await sleep(20_000)
  lines[0]?.accept()
  await stage.untilReady()
  await stage.untilAtRest()
  await stage.untilHeard()
  const { left, rejected, hosts } = await stage.conclude()
  expect({ left, rejected }).toEqual({ left: [], rejected: 0 })
  // The others had to take it for dead: a host there may have been away for longer than its grace.
  expect(hosts.filter(({ reason }) => reason !== 'timeout')).toEqual([])
})

test.concurrent('Redis answers 300 ms late: members come, go and come back', async (context) => {
  const { stage, lines } = await openRedisStage(context)
  await stage.fill({ rooms: 3, members: 3 })
  for (const line of lines) line.slow(300)
  await stage.fill({ rooms: 3, members: 3 })
  await stage.untilHeard()
  for (const client of stage.crowd.clients.slice(0, 6)) client.drop()
  await stage.untilAtRest()
  const goer = stage.crowd.clients.at(-1)
  const gone = goer?.view?.self
  goer?.leave()
  await stage.untilAtRest()
  await stage.untilHeard()
  const account = await stage.conclude()
  expect(account).toMatchObject({ hosts: [], rejected: 0 })
  expect(new Set(account.left.map(({ id, reason }) => `${id} ${reason}`))).toEqual(
    new Set([`${gone} left`]),
  )
})

test.concurrent('a replica that lags is promoted: the nodes know what it does not', async (context) => {
  const { stage, lines, redis } = await openRedisStage(context)
  await stage.fill(crowded)
  const replica = await lag(redis, context)
  await stage.untilHeard()
  await changeHosts(stage)
  stage.crowd.enter({ room: 'room 0', node: stage.nodes[1] ?? stage.nodes[0] })
  await stage.untilAtRest()
  const before = hostsOf(stage.crowd.clients)
  await redis.kill()
  await promote(replica, lines)
  await stage.untilReady()
  await stage.untilAtRest()
  await stage.untilHeard()
  const { hosts, left, rejected } = await stage.conclude()
  expect({ left, rejected }).toEqual({ left: [], rejected: 0 })
  expect(hosts.filter(({ reason }) => reason !== 'transfer')).toEqual([])
  expect(hostsOf(stage.crowd.clients)).toEqual(before)
})

test.concurrent('a replica that lags is promoted, and who knew more died with the primary', async (context) => {
  const { stage, lines, redis } = await openRedisStage(context)
  const [node] = stage.nodes
  for (let member = 0; member < 4; member += 1) {
    for (const room of ['room 0', 'room 1', 'room 2']) stage.crowd.enter({ room, node })
    await stage.untilAtRest()
  }
  const replica = await lag(redis, context)
  await stage.untilHeard()
  await changeHosts(stage)
  await Promise.all([node.kill(), redis.kill()])
  await promote(replica, lines)
  await stage.untilAtRest()
  await stage.untilHeard()
  // The role may be back with whom the replica knew, under a term above all that was seen.
  expect(await stage.conclude()).toMatchObject({ left: [], rejected: 0 })
})

/** A replica that learns nothing any more. */
async function lag(redis: RedisNode, context: TestContext): Promise<RedisNode> {
  const replica = await openRedis('replica', context)
  const replication = await openLine(redis, context)
  await replica.ask('REPLICAOF', '127.0.0.1', `${replication.port}`)
  await until(async () => {
    const info = await Promise.all([redis, replica].map((one) => one.ask('INFO', 'replication')))
    expect(info[1]).toContain('master_link_status:up')
    expect(offsetIn(info[1])).toBe(offsetIn(info[0]))
  })
  replication.hold('all')
  return replica
}

function offsetIn(info: string | undefined): string | undefined {
  return /master_repl_offset:(\d+)/.exec(info ?? '')?.[1]
}

async function promote(replica: RedisNode, lines: readonly RedisLine[]): Promise<void> {
  await replica.ask('REPLICAOF', 'NO', 'ONE')
  for (const line of lines) line.turnTo(replica.path)
}

function logsOf(clients: readonly Client[]): readonly ClientLog[] {
  return clients.map(({ journal }) => journal.log)
}

/** Who is host, as each client knows it. */
function hostsOf(clients: readonly Client[]): readonly (string | null)[] {
  return clients.map(({ view }) => view?.host ?? null)
}

/** Each host gives its role to the one who joined last, and all have heard of it. */
async function changeHosts({ crowd }: Stage): Promise<void> {
  const before = hostsOf(crowd.clients)
  for (const client of crowd.clients) giveAway(client)
  await until(() => {
    const after = hostsOf(crowd.clients)
    expect(after.filter((host, index) => host === null || host === before[index])).toEqual([])
  })
}

function giveAway(client: Client): void {
  const { view } = client
  const to = [...(view?.members.keys() ?? [])].at(-1)
  if (view?.host === view?.self && to !== undefined) client.send({ type: 'transfer-host', to })
}
