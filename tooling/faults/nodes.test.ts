import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { now } from './clients/crowd.ts'
import { endsSince, longestSilences, percentile, reattachments } from './history/account.ts'
import type { ClientLog } from './history/log.ts'
import { openRedisStage } from './stage/redis-stage.ts'
import { until } from './stage/stage.ts'

const crowded = { rooms: 3, members: 6 }
const unharmed = { hosts: [], left: [], rejected: 0 }

test('a node with the hosts and 60 members is killed: all are back in 3 s, host keeps the role', async (context) => {
  const { stage } = await openRedisStage(context)
  const [node] = stage.nodes
  await stage.fill({ rooms: 30, members: 6 })
  const before = stage.crowd.standings()
  await stage.untilHeard()
  const killedAt = now()
  await node.kill()
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  const away = reattachments(stage.crowd.logs, killedAt)
  const [half, most, all] = [0.5, 0.99, 1].map((share) => Math.round(percentile(away, share)))
  console.info(`node kill → ${away.length} back: p50 ${half} ms, p99 ${most} ms, all ${all} ms`)
  expect(away).toHaveLength(60)
  expect(most).toBeLessThanOrEqual(3_000)
})

test.concurrent('all nodes are restarted, one after the other: nobody hears of it', async (context) => {
  const { stage } = await openRedisStage(context)
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  for (const node of stage.nodes) {
    expect(await node.terminate()).toBe(0)
    await node.start()
    await stage.untilReady()
  }
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
})

test.concurrent('a node is frozen for 20 s and woken: its sockets are closed, nobody is there twice', async (context) => {
  const { stage } = await openRedisStage(context)
  const [node] = stage.nodes
  await stage.fill(crowded)
  // They do not look whether the node lives: only the node itself can send them away.
  for (const room of ['room 0', 'room 1']) stage.crowd.enter({ room, node, isWatchful: false })
  await stage.untilAtRest()
  const before = stage.crowd.standings()
  await stage.untilHeard()
  node.freeze()
  await sleep(20_000)
  node.wake()
  await until(() => expect(connectionsLeftOpen(stage.crowd.logs)).toEqual([]))
  await stage.untilAtRest()
  await stage.untilHeard()
  const account = await stage.conclude()
  expect(account).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  expect(account.closes).toMatchObject({ silence: 6 })
})

test.concurrent('the event loop of a node is blocked for 5 s: nobody hears of it', async (context) => {
  const { stage } = await openRedisStage(context)
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  const blockedAt = now()
  stage.nodes[0].block(5_000)
  await sleep(5_000)
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  expect(endsSince(stage.crowd.logs, blockedAt)).toEqual([])
  expect(Math.max(...longestSilences(stage.crowd.logs))).toBeGreaterThan(4_500)
})

test.concurrent('all lose their connections in the same moment, five times', async (context) => {
  const { stage } = await openRedisStage(context)
  await stage.fill({ rooms: 10, members: 9 })
  const before = stage.crowd.standings()
  for (let storm = 0; storm < 5; storm += 1) {
    await stage.untilHeard()
    for (const client of stage.crowd.clients) client.drop()
    await stage.untilAtRest()
  }
  await stage.untilHeard()
  const account = await stage.conclude()
  expect(account).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  expect(account.closes['1006']).toBeGreaterThanOrEqual(450)
})

/** Connections that their client gave up and that nobody has closed yet. */
function connectionsLeftOpen(logs: readonly ClientLog[]): readonly string[] {
  return logs.flatMap(({ name, entries }) => {
    const closed = new Set(
      entries.flatMap(({ type, connection }) => (type === 'closed' ? [connection] : [])),
    )
    return entries
      .filter(({ type, connection }) => type === 'given-up' && !closed.has(connection))
      .map(({ connection }) => `${name} by ${connection}`)
  })
}
