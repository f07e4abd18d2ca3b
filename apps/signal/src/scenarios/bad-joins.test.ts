import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { anySilence, startTestServer } from '../testing/servers.ts'

test('a second join on a connection is answered with already-joined', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('elsewhere')
  visitor.send({ type: 'join', v: 1, room: 'calm' })
  expect(await visitor.next('error')).toMatchObject({ code: 'already-joined', about: 'join' })
  visitor.signal(self.id)
  await visitor.nextError('peer-not-found')
  await expectUnaffected()
})

test('two joins at once create one membership', async () => {
  const { server, visitor, expectUnaffected } = await startFixture()
  visitor.send({ type: 'join', v: 1, room: 'elsewhere' })
  visitor.send({ type: 'join', v: 1, room: 'elsewhere' })
  await visitor.next('welcome')
  expect(visitor.received('error')).toMatchObject([{ code: 'already-joined' }])
  const other = await server.connect()
  expect((await other.join('elsewhere')).peers).toHaveLength(1)
  await expectUnaffected()
})

test.each([
  [
    'signal',
    { to: 'x', data: { link: { local: 'l', remote: null }, type: 'candidate', candidate: null } },
  ],
  ['update', { canHost: false }],
  ['transfer-host', { to: 'x' }],
  ['kick', { id: 'x', reason: null }],
  ['ping', { id: 1 }],
])('%s before the join is answered with not-joined', async (type, fields) => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.send({ type, ...fields })
  expect(await visitor.next('error')).toMatchObject({ code: 'not-joined', about: type })
  await expectUnaffected()
})

test('a leave before the join closes the connection', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  await visitor.leave()
  expect(await visitor.closed).toEqual({ code: 1000 })
  await expectUnaffected()
})

test('an unknown protocol version is answered with unsupported-version', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.send({ type: 'join', v: 2, room: 'calm' })
  expect(await visitor.next('error')).toMatchObject({ code: 'unsupported-version', about: 'join' })
  await expectUnaffected()
})

test.each([
  ['empty', ''],
  ['of 10 KB', 'x'.repeat(10_240)],
  ['with NUL', 'a\0b'],
  ['with a newline', 'a\nb'],
  ['of half a surrogate pair', '\ud83d'],
  ['that is not a string', 7],
])('a room name %s is answered with bad-message', async (_, room) => {
  const { visitor, expectUnaffected } = await startFixture()
  visitor.send({ type: 'join', v: 1, room })
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message', about: 'join' })
  await expectUnaffected()
})

test.each([
  ['of emoji', '🪿🪿🪿'],
  ['in right-to-left script', 'غرفة‏ زرقاء'],
  ['that looks like a path', '../../etc/passwd'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['of 128 bytes', 'ä'.repeat(64)],
])('a room name %s is valid and taken verbatim', async (_, room) => {
  const { server, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join(room)
  const other = await server.connect()
  const welcome = await other.join(room)
  expect(welcome.room).toBe(room)
  expect(welcome.peers.map(({ id }) => id)).toEqual([self.id])
  await expectUnaffected()
})

test('a presence of 5 KB is too large, in a join and in an update', async () => {
  const { visitor, expectUnaffected } = await startFixture()
  const presence = { text: 'x'.repeat(5 * 1024) }
  visitor.send({ type: 'join', v: 1, room: 'calm', presence })
  expect(await visitor.next('error')).toMatchObject({ code: 'too-large', about: 'join' })
  await visitor.join('elsewhere')
  visitor.send({ type: 'update', presence })
  expect(await visitor.nextError('too-large')).toMatchObject({ about: 'update' })
  await expectUnaffected()
})

test('a full room answers room-full until a member leaves', async () => {
  const server = await startTestServer({ maxRoomMembers: 2 })
  await server.member('r')
  const second = await server.member('r')
  const third = await server.connect()
  third.send({ type: 'join', v: 1, room: 'r' })
  expect(await third.next('error')).toMatchObject({ code: 'room-full', retryable: true })
  await second.client.leave()
  expect((await third.join('r')).peers).toHaveLength(1)
})

test.each(['nothing', 'nonsense'])(
  'a connection that sends %s for 10 s gets timeout and is closed with 4001',
  async (what) => {
    let now = 1_700_000_000_000
    const tuning = { ...anySilence, firstFrameMs: 10_000 }
    const { visitor, expectUnaffected } = await startFixture({ now: () => now, tuning })
    now += 5_000
    if (what === 'nonsense') {
      visitor.sendRaw(what)
      await visitor.nextError('bad-message')
    }
    now += 5_000
    expect(await visitor.nextError('timeout')).toMatchObject({ retryable: true, about: null })
    expect(await visitor.closed).toEqual({ code: 4001 })
    await expectUnaffected()
  },
)

test('a join cannot set id, host or term', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  const forged = { id: a.id, self: { id: a.id }, host: 'me', term: 99, epoch: 1, joinOrder: 0 }
  const welcome = await visitor.join('calm', forged)
  expect(welcome).toMatchObject({ term: 1, host: a.id })
  expect(welcome.self.id).not.toBe(a.id)
  expect(welcome.self.joinOrder).toBeGreaterThan(0)
  await expectUnaffected()
})
