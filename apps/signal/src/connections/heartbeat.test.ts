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

test('a member is pinged every 25 s by a message, and its pongs keep the connection open', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  for (let seconds = 0; seconds < 150; seconds += 5) {
    now += 5_000
    await host.client.next('ping')
    if (seconds % 25 === 20) await guest.client.next('ping')
    await Promise.all([host.client.settle(), guest.client.settle()])
  }
  await guest.client.settle()
  expect(guest.client.socket.readyState).toBe(guest.client.socket.OPEN)
  expect(guest.client.received('peer-updated')).toEqual([])
})

test('a guest whose page does not run is closed with 4001 after 55 s', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, frozen] = [await server.member('r'), await server.member('r')]
  // Its browser goes on answering the pings of the WebSocket protocol.
  frozen.client.isFrozen = true
  for (let seconds = 0; seconds < 50; seconds += 5) {
    now += 5_000
    await host.client.settle()
  }
  expect(host.client.received('peer-updated')).toEqual([])
  now += 5_000
  const lost = await host.client.next('peer-updated')
  expect(lost.peer).toMatchObject({ id: frozen.id, online: false })
  expect(await frozen.client.closed).toEqual({ code: 4001 })
})

test('the role of a host that is gone without a word moves within 12 s', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({
    now: () => now,
    tuning: { ...tuning, pingEveryMs: 500 },
  })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  // A host too, and checked after the other one.
  const observer = await server.member('other')
  await host.client.settle()
  const silentSince = now
  host.client.isFrozen = true
  while (guest.client.received('host').length === 0) {
    now += 500
    await observer.client.next('ping')
    // The room's own timer runs in real time; every message to the room does what is due.
    guest.client.send({ type: 'transfer-host', to: host.id })
    await guest.client.next('error', 'host')
  }
  expect(guest.client.received('host')).toMatchObject([{ host: guest.id, previous: host.id }])
  expect(now - silentSince).toBeLessThanOrEqual(12_000)
})

test('a guest that becomes host after a silence is asked first, and keeps the role if it answers', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  for (let seconds = 0; seconds < 20; seconds += 5) {
    now += 5_000
    await host.client.next('ping')
    await host.client.settle()
  }
  await host.client.leave()
  await guest.client.next('host')
  await guest.client.next('ping')
  const observer = await server.member('r')
  expect(observer.client.received('welcome')).toMatchObject([{ host: guest.id, term: 2 }])
  now += 5_000
  await guest.client.next('ping')
  await guest.client.settle()
  expect(observer.client.received('peer-updated')).toEqual([])
})

test('a guest that becomes host after a silence and does not answer is closed like any host', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  guest.client.isFrozen = true
  for (let seconds = 0; seconds < 20; seconds += 5) {
    now += 5_000
    await host.client.next('ping')
    await host.client.settle()
  }
  await host.client.leave()
  await guest.client.next('ping')
  now += 6_500
  expect(await guest.client.closed).toEqual({ code: 4001 })
})

test('a host that others cannot reach is asked at once, and closed if it does not answer', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  now += 2_000
  host.client.isFrozen = true
  guest.client.send({ type: 'check-host', host: host.id })
  await host.client.next('ping')
  now += 1_500
  expect(await host.client.closed).toEqual({ code: 4001 })
  const { peer } = await guest.client.next('peer-updated')
  expect(peer).toMatchObject({ id: host.id, online: false })
})

test('a host that answers keeps its role, however often others say that they cannot reach it', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ now: () => now, tuning })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  for (let times = 0; times < 5; times += 1) {
    now += 2_000
    guest.client.send({ type: 'check-host', host: host.id })
    await host.client.next('ping')
    await host.client.settle()
  }
  await guest.client.settle()
  expect(guest.client.received('peer-updated')).toEqual([])
  expect(guest.client.received('host')).toEqual([])
})

/** A clock that moves on only while the process stands still. */
const stallingClock = () => {
  let now = 1_700_000_000_000
  return {
    now: () => now,
    /** No timer runs and no socket is read. */
    standStill: (forMs: number): void => {
      const until = performance.now() + forMs
      while (performance.now() < until);
      now += forMs
    },
  }
}

test('what clients sent while the process stood still counts before any of them is given up', async () => {
  const silence = { lostAfterMs: 1_200, hostLostAfterMs: 1_200, pingEveryMs: 1e6, hostPingMs: 1e6 }
  const { now, standStill } = stallingClock()
  const server = await startTestServer({ now, tuning: { ...tuning, ...silence } })
  // One in each slice, because only one slice is due before the sockets are read.
  const members = await Promise.all(
    Array.from({ length: sliceCount }, (_, n) => server.member(`room ${n % 4}`)),
  )
  for (const { client } of members) client.send({ type: 'ping', id: 1 })
  standStill(1_500)
  await Promise.all(members.map(({ client }) => client.settle()))
  for (const { client } of members) {
    const offline = client.received('peer-updated').filter(({ peer }) => !peer.online)
    expect(offline).toEqual([])
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  }
})

test('a join that was sent while the process stood still is not too late', async () => {
  const { now, standStill } = stallingClock()
  const server = await startTestServer({ now, tuning: { ...tuning, firstFrameMs: 1_200 } })
  const client = await server.connect()
  client.send({ type: 'join', v: 1, room: 'r' })
  standStill(1_500)
  await client.next('welcome')
})

test('a host that came back while the process stood still keeps its role', async () => {
  const { now, standStill } = stallingClock()
  const server = await startTestServer({ now, tuning, hostGraceMs: 1_200, memberGraceMs: 1_200 })
  const [host, guest] = [await server.member('r'), await server.member('r')]
  const back = await server.connect()
  host.client.drop()
  await guest.client.next('peer-updated')
  back.send({ type: 'join', v: 1, room: 'r', resume: host.resume })
  standStill(1_500)
  expect(await back.next('welcome')).toMatchObject({ resumed: true, host: host.id, term: 1 })
  expect(guest.client.received('host')).toEqual([])
})

/** Rounds run in real time; what they measure is the test's clock. */
const tuning = { heartbeatRoundMs: 100 }
