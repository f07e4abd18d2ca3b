import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/servers.ts'

const options = { secret: 'the same before and after a restart', rebuildMs: 300 }

const restart = async (server: TestServer, more = {}): Promise<TestServer> => {
  await server.kill()
  return startTestServer({ ...options, ...more, port: server.port })
}

test('a restarted server rebuilds a room with the same ids, join order, host, term and epoch', async () => {
  const server = await startTestServer({ ...options, rebuildMs: 0 })
  const first = await server.member('r')
  const clients = [await server.connect(), await server.connect()] as const
  const before = [await clients[0].join('r'), await clients[1].join('r')] as const
  // Now the second member is host, in term 2.
  await first.client.leave()
  const [b, c] = await Promise.all(clients.map((client) => client.next('resume')))
  const next = await restart(server, { rebuildMs: 60_000 })
  const back = [await next.connect(), await next.connect()] as const
  // The recovery ends once all members that were online are back, long before `rebuildMs`.
  const after = await Promise.all([
    back[0].join('r', { resume: b?.resume }),
    back[1].join('r', { resume: c?.resume }),
  ])
  for (const [n, welcome] of after.entries()) {
    expect(welcome).toMatchObject({
      resumed: true,
      term: 2,
      host: before[0].self.id,
      epoch: before[0].epoch,
      self: { id: before[n]?.self.id, joinOrder: before[n]?.self.joinOrder },
    })
  }
  expect(
    back.flatMap((client) => [...client.received('host'), ...client.received('peer-left')]),
  ).toEqual([])
})

test('a member that does not resume in time is removed, and the next term has a new host', async () => {
  const server = await startTestServer({ ...options, rebuildMs: 0 })
  const [a, b] = [await server.member('r'), await server.member('r')]
  expect(a.id).not.toBe(b.id)
  const next = await restart(server)
  const back = await next.connect()
  const welcome = await back.join('r', { resume: b.resume })
  expect(welcome).toMatchObject({ term: 2, host: b.id, peers: [], self: { id: b.id } })
})

test('after a restart a new join waits for the former members', async () => {
  const server = await startTestServer({ ...options, rebuildMs: 0 })
  const a = await server.member('r')
  const next = await restart(server, { rebuildMs: 60_000 })
  const joiner = await next.connect()
  joiner.send({ type: 'join', v: 1, room: 'r' })
  const back = await next.connect()
  const welcome = await back.join('r', { resume: a.resume })
  expect(welcome).toMatchObject({ resumed: true, host: a.id, term: 1 })
  const fresh = await joiner.next('welcome')
  expect(fresh).toMatchObject({ resumed: false, host: a.id, term: 1, epoch: welcome.epoch })
  expect(fresh.self.joinOrder).toBeGreaterThan(welcome.self.joinOrder)
})

test('after a restart a new join to an unknown room waits at most rebuildMs', async () => {
  const server = await startTestServer({ ...options, rebuildMs: 100 })
  const client = await server.connect()
  expect(await client.join('r')).toMatchObject({ resumed: false, term: 1, peers: [] })
})

test('a token of an earlier run starts a recovery for a whole minute after the restart', async () => {
  let now = 1_700_000_000_000
  const clock = { now: () => now, rebuildMs: 0 }
  const server = await startTestServer({ ...options, ...clock })
  const a = await server.member('r')
  const next = await restart(server, {
    now: clock.now,
    rebuildMs: 5_000,
    tuning: { rebuildMinMs: 0 },
  })
  now += 59_000
  const back = await next.connect()
  expect(await back.join('r', { resume: a.resume })).toMatchObject({ resumed: true, host: a.id })
})

test('a server rejects tokens of an earlier run after its first minute', async () => {
  let now = 1_700_000_000_000
  const clock = { now: () => now, rebuildMs: 0 }
  const server = await startTestServer({ ...options, ...clock })
  const a = await server.member('r')
  const next = await restart(server, { now: clock.now, rebuildMs: 5_000 })
  now += 60_000
  const late = await next.connect()
  late.send({ type: 'join', v: 1, room: 'r', resume: a.resume })
  await late.nextError('resume-rejected')
})

const newStateDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'skein-state-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('with a state directory and no secret, a restart keeps ids, host, term and epoch', async () => {
  const stateDir = newStateDirectory()
  const server = await startTestServer({ stateDir, rebuildMs: 60_000 })
  const a = await server.member('r')
  const b = await server.connect()
  const before = await b.join('r')
  await server.kill()
  const next = await startTestServer({ stateDir, rebuildMs: 60_000, port: server.port })
  const back = [await next.connect(), await next.connect()] as const
  // The token that the second join brought counts both members.
  const { resume } = await a.client.next('resume')
  const after = await Promise.all([
    back[0].join('r', { resume }),
    back[1].join('r', { resume: before.resume }),
  ])
  const { epoch, term, host } = before
  for (const [n, id] of [a.id, before.self.id].entries()) {
    expect(after[n]).toMatchObject({ resumed: true, epoch, term, host, self: { id } })
  }
})

test('a join waits for earlier members only after a start that found a secret', async () => {
  const stateDir = newStateDirectory()
  const settings = { stateDir, rebuildMs: 60_000 }
  const server = await startTestServer(settings)
  // Would wait for a minute.
  const { resume } = await server.member('r')
  await server.kill()
  const next = await startTestServer({ ...settings, port: server.port })
  const joiner = await next.connect()
  joiner.send({ type: 'join', v: 1, room: 'r' })
  await (await next.connect()).join('r', { resume })
  expect((await joiner.next('welcome')).self.joinOrder).toBeGreaterThan(1)
})

test('without a secret and a state directory, a restart loses the rooms', async () => {
  const server = await startTestServer()
  const a = await server.member('r')
  await server.kill()
  const next = await startTestServer({ port: server.port })
  const back = await next.connect()
  back.send({ type: 'join', v: 1, room: 'r', resume: a.resume })
  await back.nextError('resume-rejected')
  expect((await back.join('r')).resumed).toBe(false)
})

test('a member that left a rebuilt room cannot resume with a token from before the restart', async () => {
  const server = await startTestServer({ ...options, rebuildMs: 0 })
  const a = await server.member('r')
  const next = await restart(server)
  const back = await next.connect()
  await back.join('r', { resume: a.resume })
  await back.leave()
  const again = await next.connect()
  again.send({ type: 'join', v: 1, room: 'r', resume: a.resume })
  await again.nextError('resume-rejected')
  expect((await again.join('r')).self.id).not.toBe(a.id)
})

/**
 * A was alone in the room and was cut off until it was gone. Then B, C and D met there, in a later
 * epoch. The token of A is still valid, and names one member.
 */
const startWithStaleToken = async () => {
  const server = await startTestServer({ ...options, rebuildMs: 0, memberGraceMs: 0 })
  const a = await server.member('r')
  const epochOfA = a.client.received('welcome')[0]?.epoch ?? Number.NaN
  a.client.drop()
  const count = async (): Promise<string> => (await fetch(`${server.httpUrl}/metrics`)).text()
  await expect.poll(count).toMatch(/^skein_connections 0$/m)
  const b = await server.connect()
  const welcome = await b.join('r')
  expect(welcome).toMatchObject({ peers: [], term: 1, host: welcome.self.id })
  expect(welcome.epoch).toBeGreaterThan(epochOfA)
  const [c, d] = [await server.member('r'), await server.member('r')]
  await c.client.next('peer-joined')
  await b.next('peer-joined')
  // With the number of members that are online now.
  const latest = b.received('resume').at(-1)?.resume ?? welcome.resume
  return { server, a, welcome, others: [{ id: welcome.self.id, resume: latest }, c, d] }
}

const resumeAll = async (server: TestServer, members: readonly { readonly resume: string }[]) => {
  const clients = await Promise.all(members.map(() => server.connect()))
  return Promise.all(
    clients.map(async (client, n) => ({
      client,
      welcome: await client.join('r', { resume: members[n]?.resume }),
    })),
  )
}

test('after a restart a stale token that comes first takes nobody out of the room, and its holder joins it as a new member', async () => {
  const { server, a, welcome, others } = await startWithStaleToken()
  const next = await restart(server, { rebuildMs: 60_000 })
  const stale = await next.connect()
  stale.send({ type: 'join', v: 1, room: 'r', resume: a.resume })
  await stale.settle()
  const back = await resumeAll(next, others)
  for (const [n, each] of back.entries()) {
    expect(each.welcome).toMatchObject({
      resumed: true,
      epoch: welcome.epoch,
      term: 1,
      host: welcome.self.id,
      self: { id: others[n]?.id },
    })
  }
  await stale.nextError('resume-rejected')
  const fresh = await stale.join('r')
  expect(fresh).toMatchObject({ resumed: false, epoch: welcome.epoch, term: 1 })
  expect(fresh.host).toBe(welcome.self.id)
  expect(fresh.peers.map(({ id }) => id)).toEqual(others.map(({ id }) => id))
  for (const { client } of back) {
    expect(client.received('host')).toEqual([])
    expect(client.received('peer-left')).toEqual([])
  }
})

test('a room that a stale token has opened after a restart recovers in the later epoch when its last members come', async () => {
  const { server, a, welcome, others } = await startWithStaleToken()
  const next = await restart(server, { rebuildMs: 1_000, tuning: { rebuildMinMs: 0 } })
  const [early] = await resumeAll(next, [a])
  expect(early?.welcome).toMatchObject({ resumed: true, host: a.id, peers: [] })
  expect(early?.welcome.epoch).toBeLessThan(welcome.epoch)
  const back = await resumeAll(next, others)
  for (const [n, each] of back.entries()) {
    expect(each.welcome).toMatchObject({
      resumed: true,
      epoch: welcome.epoch,
      host: welcome.self.id,
      self: { id: others[n]?.id },
    })
  }
  const again = await early?.client.next('welcome')
  expect(again).toMatchObject({ resumed: false, epoch: welcome.epoch, host: welcome.self.id })
  expect(again?.peers.map(({ id }) => id)).toEqual(others.map(({ id }) => id))
  await early?.client.settle()
})
