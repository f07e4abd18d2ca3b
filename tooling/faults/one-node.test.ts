import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { now } from './clients/client-group.ts'
import { connectionsEndedSince, longestSilences } from './history/run-summary.ts'
import { TestBed, until } from './test-bed/test-bed.ts'

// A server that starts for the first time has no returning members for which joins should wait.
const firstStart = { nodeCount: 1, settingsOf: () => ({ SKEIN_REBUILD_MS: '0' }) }
const restart = { SKEIN_REBUILD_MS: '5000' }
const fullRooms = { rooms: 3, members: 5 }
const noDisruption = { hostChanges: [], departures: [], rejectedResumes: 0 }

test.concurrent('the only node is killed and restarted', async (context) => {
  const testBed = await TestBed.open(firstStart, context)
  const [node] = testBed.nodes
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  await node.kill()
  await node.start(restart)
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
})

test.concurrent('the only node is terminated, and restarted when it has ended', async (context) => {
  const testBed = await TestBed.open(firstStart, context)
  const [node] = testBed.nodes
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  const [host] = testBed.group.clients
  const ended = node.terminate()
  await until(() => expect(host?.journal.hasReceived('goaway')).toBe(true))
  // Longer than its grace period: it finds no server until this one has ended and restarted.
  host?.dropConnection()
  expect(await ended).toBe(0)
  await node.start(restart)
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
})

test.concurrent('the event loop of the only node is blocked for 5 s', async (context) => {
  const testBed = await TestBed.open(firstStart, context)
  const [node] = testBed.nodes
  await testBed.fill(fullRooms)
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  const blockedAt = now()
  node.block(5_000)
  await sleep(5_000)
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject(noDisruption)
  expect(testBed.group.memberships()).toEqual(before)
  expect(connectionsEndedSince(testBed.group.logs, blockedAt)).toEqual([])
  expect(Math.max(...longestSilences(testBed.group.logs))).toBeGreaterThan(4_500)
})

test.concurrent('all clients of the only node lose their connections at once', async (context) => {
  const testBed = await TestBed.open(firstStart, context)
  await testBed.fill({ rooms: 10, members: 9 })
  const before = testBed.group.memberships()
  await testBed.untilSignalsArrive()
  for (const client of testBed.group.clients) client.dropConnection()
  await testBed.untilSettled()
  await testBed.untilSignalsArrive()
  expect(await testBed.finish()).toMatchObject({ ...noDisruption, closes: { 1006: 90 } })
  expect(testBed.group.memberships()).toEqual(before)
})
