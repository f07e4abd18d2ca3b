import { expect, test } from 'vitest'
import { startTestServer } from '../testing/servers.ts'

const quick = { memberGraceMs: 150, hostGraceMs: 50 }

test('when the host leaves, the next member in join order becomes host at once', async () => {
  const server = await startTestServer()
  const [a, b, c] = [await server.member('r'), await server.member('r'), await server.member('r')]
  await a.client.leave()
  for (const { client } of [b, c]) {
    expect(await client.next('peer-left')).toMatchObject({ id: a.id, reason: 'left' })
    expect(await client.next('host')).toMatchObject({
      term: 2,
      host: b.id,
      previous: a.id,
      reason: 'left',
    })
  }
})

test('when the host disconnects, the next member becomes host after the grace period', async () => {
  const server = await startTestServer(quick)
  const [a, b] = [await server.member('r'), await server.member('r')]
  a.client.drop()
  expect((await b.client.next('peer-updated')).peer).toMatchObject({ id: a.id, online: false })
  expect(await b.client.next('host')).toMatchObject({ term: 2, host: b.id, reason: 'timeout' })
  expect(await b.client.next('peer-left')).toMatchObject({ id: a.id, reason: 'timeout' })
})

test('a host that resumes within its grace period keeps id, join order, role and term', async () => {
  const server = await startTestServer()
  const a = await server.connect()
  const before = await a.join('r')
  const b = await server.member('r')
  a.drop()
  await b.client.next('peer-updated')
  const again = await server.connect()
  const after = await again.join('r', { resume: before.resume })
  expect(after).toMatchObject({
    resumed: true,
    epoch: before.epoch,
    term: before.term,
    host: before.self.id,
    self: { id: before.self.id, joinOrder: before.self.joinOrder, online: true },
  })
  expect((await b.client.next('peer-updated')).peer).toEqual(after.self)
  await b.client.settle()
  expect(b.client.received('host')).toEqual([])
  expect(b.client.received('peer-left')).toEqual([])
})

test('online members get every revision without a gap', async () => {
  const server = await startTestServer()
  const a = await server.connect()
  const { revision: start } = await a.join('r')
  for (let round = 0; round < 5; round += 1) {
    const visitor = await server.member('r')
    visitor.client.send({ type: 'update', presence: { round } })
    await visitor.client.settle()
    await visitor.client.leave()
    await a.next('peer-left')
  }
  const revisions = a.all.flatMap((message) =>
    message.type !== 'welcome' && 'revision' in message ? [message.revision] : [],
  )
  expect(revisions).toEqual(revisions.map((_, index) => start + 1 + index))
  expect(revisions).toHaveLength(15)
})

test('the host can transfer its role, but only to an eligible member', async () => {
  const server = await startTestServer()
  const [a, b] = [await server.member('r'), await server.member('r', { canHost: false })]
  a.client.send({ type: 'transfer-host', to: b.id })
  expect(await a.client.next('error')).toMatchObject({ code: 'not-eligible' })
  b.client.send({ type: 'update', canHost: true })
  await a.client.next('peer-updated')
  a.client.send({ type: 'transfer-host', to: b.id })
  for (const { client } of [a, b]) {
    expect(await client.next('host')).toMatchObject({ term: 2, host: b.id, reason: 'transfer' })
  }
})

test.each(['new', 'previous'])(
  'every member gets a new resume token on a host change; the %s one works',
  async (which) => {
    const server = await startTestServer()
    const [a, b] = [await server.member('r'), await server.member('r')]
    await a.client.leave()
    const { resume } = await b.client.next('resume')
    expect(resume).not.toBe(b.resume)
    const again = await server.connect()
    const welcome = await again.join('r', { resume: which === 'new' ? resume : b.resume })
    expect(welcome).toMatchObject({ resumed: true, host: b.id, self: { id: b.id } })
  },
)

test('a room that became empty starts over with a higher epoch', async () => {
  const server = await startTestServer()
  const first = await server.connect()
  const before = await first.join('r')
  await first.leave()
  const second = await server.connect()
  const after = await second.join('r')
  expect(after.epoch).toBeGreaterThan(before.epoch)
  expect(after).toMatchObject({ term: 1, host: after.self.id, peers: [] })
})

test('a client that joins and disconnects at once leaves no trace', async () => {
  const server = await startTestServer(quick)
  const member = await server.member('r')
  for (let round = 0; round < 10; round += 1) {
    const client = await server.connect()
    client.send({ type: 'join', v: 1, room: 'r' })
    client.drop()
  }
  const joiner = await server.connect()
  await joiner.join('r')
  await expect
    .poll(async () => (await readMembers(server.connect)).filter((online) => !online))
    .toEqual([])
  expect(member.client.received('host')).toEqual([])
})

/** Joins and returns for each other member whether it is online. */
const readMembers = async (
  connect: Awaited<ReturnType<typeof startTestServer>>['connect'],
): Promise<boolean[]> => {
  const client = await connect()
  const { peers } = await client.join('r')
  await client.leave()
  return peers.map(({ online }) => online)
}
