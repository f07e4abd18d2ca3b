import { expect, test } from 'vitest'
import { type Member, startTestServer, type TestServer } from '../testing/servers.ts'

/** A server whose clock only the test moves, with two members who see each other's updates. */
const startPair = async (options = {}) => {
  const clock = { now: 1_700_000_000_000 }
  const never = { lostAfterMs: 1e9, hostLostAfterMs: 1e9, heartbeatRoundMs: 100 }
  const { tuning = {}, ...more }: { tuning?: object } = options
  const server = await startTestServer({
    now: () => clock.now,
    tuning: { ...never, ...tuning },
    trustProxy: ['127.0.0.1'],
    ...more,
  })
  const [a, b] = [await memberFrom(server, '203.0.113.1'), await memberFrom(server, '203.0.113.2')]
  return { clock, server, a, b }
}

const memberFrom = async (server: TestServer, address: string, room = 'r'): Promise<Member> => {
  const client = await server.connect({ headers: { 'X-Forwarded-For': address } })
  const { self, resume } = await client.join(room)
  return { client, id: self.id, resume }
}

/** The values of `n` that the observer saw in the presence of others. */
const seenBy = ({ client }: Member): readonly unknown[] =>
  client.received('peer-updated').map(({ peer }) => peer.presence?.n)

interface Wait {
  readonly clock: { now: number }
  readonly by: Member
  readonly stepMs?: number
}

/** Moves the clock on until the observer sees that value. */
const waitFor = async (n: number, { clock, by, stepMs = 100 }: Wait): Promise<void> => {
  const last = (): unknown => {
    clock.now += stepMs
    return seenBy(by).at(-1)
  }
  await expect.poll(last, { interval: 1, timeout: 20_000 }).toBe(n)
}

test('of 15 updates at once the first ten are applied, then only the last, without an error', async () => {
  const { clock, a, b } = await startPair()
  for (let n = 0; n < 15; n += 1) a.client.send({ type: 'update', presence: { n } })
  await a.client.settle()
  await b.client.settle()
  expect(seenBy(b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  clock.now += 499
  await a.client.settle()
  expect(seenBy(b)).toHaveLength(10)
  await waitFor(14, { clock, by: b })
  expect(seenBy(b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14])
  expect(a.client.received('error')).toEqual([])
})

test('30 updates a second for 10 s close no connection, and the last arrives', async () => {
  const { clock, a, b } = await startPair()
  for (let n = 0; n < 300; n += 1) {
    clock.now += 33
    a.client.send({ type: 'update', presence: { n } })
    if (n % 10 === 0) await a.client.settle()
  }
  await waitFor(299, { clock, by: b })
  await a.client.settle()
  expect(a.client.received('error')).toEqual([])
  // Two a second, and the burst.
  expect(seenBy(b).length).toBeLessThanOrEqual(10 + 2 * 10 + 2)
})

test('updates of different fields that wait are all applied', async () => {
  const { clock, a, b } = await startPair()
  for (let n = 0; n < 10; n += 1) a.client.send({ type: 'update', presence: { n } })
  a.client.send({ type: 'update', priority: 7 })
  a.client.send({ type: 'update', presence: { n: 10 } })
  a.client.send({ type: 'update', canHost: false })
  await waitFor(10, { clock, by: b })
  const { peer } = b.client.received('peer-updated').at(-1) ?? {}
  expect(peer).toMatchObject({ presence: { n: 10 }, priority: 7, canHost: false })
  expect(b.client.received('host')).toMatchObject([{ host: b.id, reason: 'ineligible' }])
})

test('5,000 updates at once are read more slowly, close no connection, and the last arrives', async () => {
  const { clock, a, b } = await startPair()
  const startedAt = clock.now
  for (let n = 0; n < 5_000; n += 1) a.client.send({ type: 'update', presence: { n } })
  await waitFor(4_999, { clock, by: b, stepMs: 2_000 })
  expect(a.client.received('error')).toEqual([])
  expect(clock.now - startedAt).toBeGreaterThan(10_000)
  // The last update may have paused the connection once more.
  clock.now += 60_000
  a.client.signal(b.id)
  expect((await b.client.next('signal')).from).toBe(a.id)
})

test('updates of a client that has not joined are rejected like any other message', async () => {
  const { server } = await startPair()
  const client = await server.connect()
  for (let n = 0; n < 1_000; n += 1) client.send({ type: 'update', presence: { n } })
  expect(await client.closed).toEqual({ code: 4504 })
})

test('an update that waits is dropped when its member leaves', async () => {
  const { clock, a, b } = await startPair()
  for (let n = 0; n < 12; n += 1) a.client.send({ type: 'update', presence: { n } })
  await a.client.leave()
  await b.client.next('peer-left')
  clock.now += 10_000
  b.client.send({ type: 'update', presence: { n: -1 } })
  await b.client.next('peer-updated')
  expect(seenBy(b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1])
})

test('a room above its rate of presence bytes applies updates later, in turn, and other rooms at once', async () => {
  const roomPresenceBytes = { perSecond: 1_000, burst: 1_000 }
  const { clock, server, a, b } = await startPair({ tuning: { roomPresenceBytes } })
  const other = await memberFrom(server, '203.0.113.3', 'other')
  // Two members receive more than 400 bytes each.
  const filler = 'x'.repeat(400)
  for (let n = 0; n < 3; n += 1) {
    a.client.send({ type: 'update', presence: { n, filler } })
    await a.client.settle()
  }
  b.client.send({ type: 'update', presence: { n: 10, filler } })
  await b.client.settle()
  expect(seenBy(b)).toEqual([0])
  other.client.send({ type: 'update', presence: { n: 0, filler } })
  await other.client.next('peer-updated')
  await waitFor(2, { clock, by: b })
  expect(seenBy(b)).toEqual([0, 2])
  await waitFor(10, { clock, by: b })
  expect(a.client.received('error')).toEqual([])
})

test('frames above the rate of an address are read later, none is lost, and other addresses are not affected', async () => {
  const addressFrames = { perSecond: 1, burst: 10 }
  // A connection that is not read is not silent.
  const silence = { hostLostAfterMs: 5_000, lostAfterMs: 5_000, hostPingMs: 1e9 }
  const tuning = { addressFrames, heartbeatRoundMs: 100, pingEveryMs: 1_000, ...silence }
  const { clock, server, a, b } = await startPair({ tuning })
  const neighbour = await memberFrom(server, '203.0.113.1')
  // The connections of this address send nothing but what the test lets them send.
  for (const { client } of [a, neighbour]) client.isFrozen = true
  // Counts as 15 frames, and so costs the address more than 5 s.
  const sdp = 'x'.repeat(60_000)
  const link = { local: 'l', remote: null }
  a.client.signal(b.id, { link, type: 'description', description: { type: 'offer', sdp } })
  await b.client.next('signal')
  // The frame that tells is still answered.
  await neighbour.client.settle()
  for (const { client } of [a, neighbour]) client.send({ type: 'ping', id: 99 })
  const isAnswered = ({ client }: Member): boolean =>
    client.received('pong').some(({ id }) => id === 99)
  // Not counted by address, and checked as often as the others, since it is no host.
  const observer = await server.member('other', { canHost: false })
  /** Moves the clock on, and waits for a heartbeat round: by then every connection was checked. */
  const step = async (): Promise<void> => {
    clock.now += 1_000
    await observer.client.next('ping')
  }
  for (let n = 0; n < 2; n += 1) await step()
  expect([isAnswered(a), isAnswered(neighbour)]).toEqual([false, false])
  while (!isAnswered(a) || !isAnswered(neighbour)) await step()
  expect(a.client.received('error')).toEqual([])
  expect(b.client.received('error')).toEqual([])
})
