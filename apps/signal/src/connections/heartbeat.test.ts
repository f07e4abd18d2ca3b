import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startTestServer } from '../testing/servers.ts'
import { Heartbeat, sliceCount } from './heartbeat.ts'

test('each target is checked once per round, one slice at a time', () => {
  const heartbeat = new Heartbeat()
  const checks = new Map<number, number>()
  const targets = Array.from({ length: 250 }, (_, n) => ({
    slice: 0,
    checkLiveness: () => void checks.set(n, (checks.get(n) ?? 0) + 1),
  }))
  for (const target of targets) heartbeat.add(target)
  heartbeat.checkSlice(0, 0)
  expect(checks.size).toBe(3)
  for (let tick = 1; tick < sliceCount; tick += 1) heartbeat.checkSlice(tick, 0)
  expect([...checks.values()]).toEqual(targets.map(() => 1))
  const [first] = targets
  if (first) heartbeat.delete(first)
  for (let tick = 0; tick < sliceCount; tick += 1) heartbeat.checkSlice(tick, 0)
  expect(checks.get(0)).toBe(1)
  expect(checks.get(249)).toBe(2)
})

test('a silent client is pinged every 25 s, and its pongs keep the connection open', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const quiet = await server.member('r')
  for (let seconds = 0; seconds < 150; seconds += 25) {
    const pinged = once(quiet.client.socket, 'ping')
    now += 25_000
    await pinged
  }
  await quiet.client.settle()
  expect(quiet.client.socket.readyState).toBe(quiet.client.socket.OPEN)
})

test('a client that sends nothing for 55 s is marked offline and closed with 4001', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [a, dead] = [await server.member('r'), await server.member('r')]
  dead.client.socket.pause()
  for (const ms of [25_000, 25_000]) {
    now += ms
    await a.client.settle()
  }
  expect(a.client.received('peer-updated')).toEqual([])
  now += 5_000
  const lost = await a.client.next('peer-updated')
  expect(lost.peer).toMatchObject({ id: dead.id, online: false })
  dead.client.socket.resume()
  expect(await dead.client.closed).toEqual({ code: 4001 })
})

/** Rounds run in real time; what they measure is the test's clock. */
const tuning = { heartbeatRoundMs: 100 }
