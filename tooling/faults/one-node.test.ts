import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { now } from './clients/crowd.ts'
import { endsSince, longestSilences } from './history/account.ts'
import { Stage, until } from './stage/stage.ts'

// Nobody can come back to a server that has not lived before: joins need not wait for them.
const firstLife = { nodeCount: 1, settingsOf: () => ({ SKEIN_REBUILD_MS: '0' }) }
const nextLife = { SKEIN_REBUILD_MS: '5000' }
const crowded = { rooms: 3, members: 5 }
const unharmed = { hosts: [], left: [], rejected: 0 }

test.concurrent('the only node is killed and started again', async (context) => {
  const stage = await Stage.open(firstLife, context)
  const [node] = stage.nodes
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  await node.kill()
  await node.start(nextLife)
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
})

test.concurrent('the only node is asked to go, and started again when it has gone', async (context) => {
  const stage = await Stage.open(firstLife, context)
  const [node] = stage.nodes
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  const [host] = stage.crowd.clients
  const ended = node.terminate()
  await until(() => expect(host?.journal.hasHeard('goaway')).toBe(true))
  // Longer than its grace: it finds no server before this one has gone.
  host?.drop()
  expect(await ended).toBe(0)
  await node.start(nextLife)
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
})

test.concurrent('the event loop of the only node is blocked for 5 s', async (context) => {
  const stage = await Stage.open(firstLife, context)
  const [node] = stage.nodes
  await stage.fill(crowded)
  const before = stage.crowd.standings()
  await stage.untilHeard()
  const blockedAt = now()
  node.block(5_000)
  await sleep(5_000)
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject(unharmed)
  expect(stage.crowd.standings()).toEqual(before)
  expect(endsSince(stage.crowd.logs, blockedAt)).toEqual([])
  expect(Math.max(...longestSilences(stage.crowd.logs))).toBeGreaterThan(4_500)
})

test.concurrent('all clients of the only node lose their connections in the same moment', async (context) => {
  const stage = await Stage.open(firstLife, context)
  await stage.fill({ rooms: 10, members: 9 })
  const before = stage.crowd.standings()
  await stage.untilHeard()
  for (const client of stage.crowd.clients) client.drop()
  await stage.untilAtRest()
  await stage.untilHeard()
  expect(await stage.conclude()).toMatchObject({ ...unharmed, closes: { 1006: 90 } })
  expect(stage.crowd.standings()).toEqual(before)
})
