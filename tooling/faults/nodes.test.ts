import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { now } from './clients/client-group.ts'
import type { ClientLog } from './history/log.ts'
import {
  connectionsEndedSince,
  longestSilences,
  percentile,
  reconnectDelays,
} from './history/run-summary.ts'
import { openRedisTestBed } from './test-bed/redis-test-bed.ts'
import { until } from './test-bed/test-bed.ts'

const fullRooms = { rooms: 3, members: 6 }
const noDisruption = { hostChanges: [], departures: [], rejectedResumes: 0 }

test('a node with the hosts and 60 members is killed: all are back within 3 s, hosts keep the role', async (context) => {
  const { testBed } = await openRedisTestBed(context)
  const [node] = testBed.nodes
  await testBed.fill({ rooms: 30, members: 6 })
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  const killedAt = now()
  await node.kill()
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  const delays = reconnectDelays(testBed.group.logs, killedAt)
  const [p50, p99, all] = [0.5, 0.99, 1].map((share) => Math.round(percentile(delays, share)))
  console.info(`node kill → ${delays.length} back: p50 ${p50} ms, p99 ${p99} ms, all ${all} ms`)
  expect(delays).toHaveLength(60)
  expect(p99).toBeLessThanOrEqual(3_000)
})

test.concurrent('all nodes are restarted, one after the other: members notice nothing', async (context) => {
  const { testBed } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  for (const node of testBed.nodes) {
    expect(await node.terminate()).toBe(0)
    await node.start()
    await testBed.untilReady()
  }
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
})

test.concurrent('a node is frozen for 20 s and continues: its sockets are closed, no member is there twice', async (context) => {
  const { testBed } = await openRedisTestBed(context)
  const [node] = testBed.nodes
  await testBed.fill(fullRooms)
  // These clients do not detect silence: only the node can close their connections.
  for (const room of ['room 0', 'room 1']) testBed.group.add({ room, node, detectsSilence: false })
  await testBed.untilSettled()
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  node.freeze()
  await sleep(20_000)
  node.unfreeze()
  await until(() => expect(connectionsLeftOpen(testBed.group.logs)).toEqual([]))
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  const summary = await testBed.finish()
  expect(summary).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  expect(summary.closes).toMatchObject({ silence: 6 })
})

test.concurrent('the event loop of a node is blocked for 5 s: members notice nothing', async (context) => {
  const { testBed } = await openRedisTestBed(context)
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  const blockedAt = now()
  testBed.nodes[0].block(5_000)
  await sleep(5_000)
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  expect(connectionsEndedSince(testBed.group.logs, blockedAt)).toEqual([])
  expect(Math.max(...longestSilences(testBed.group.logs))).toBeGreaterThan(4_500)
})

test.concurrent('all clients lose their connections at once, five times', async (context) => {
  const { testBed } = await openRedisTestBed(context)
  await testBed.fill({ rooms: 10, members: 9 })
  const before = testBed.group.memberships()
  for (let round = 0; round < 5; round += 1) {
    await testBed.untilSignalsArrive()
    for (const client of testBed.group.clients) client.dropConnection()
    await testBed.untilSettled()
  }
  await testBed.untilSignalsArrive()
  const summary = await testBed.finish()
  expect(summary).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  expect(summary.closes['1006']).toBeGreaterThanOrEqual(450)
})

/** Connections that their client gave up and that are not closed yet. */
function connectionsLeftOpen(logs: readonly ClientLog[]): readonly string[] {
  return logs.flatMap(({ name, entries }) => {
    const closed = new Set(
      entries.flatMap(({ type, connection }) => (type === 'closed' ? [connection] : [])),
    )
    return entries
      .filter(({ type, connection }) => type === 'given-up' && !closed.has(connection))
      .map(({ connection }) => `${name}/${connection}`)
  })
}
