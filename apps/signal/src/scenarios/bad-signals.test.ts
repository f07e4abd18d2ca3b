import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { candidate } from '../testing/test-client.ts'

test('a signal to a member of another room is answered with peer-not-found', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  await visitor.join('elsewhere')
  visitor.signal(a.id)
  expect(await visitor.next('error')).toMatchObject({ code: 'peer-not-found', about: 'signal' })
  await expectUnaffected()
  expect(a.client.received('signal')).toHaveLength(1)
})

test.each(['self', 'unknown'])('a signal to %s is answered with peer-not-found', async (target) => {
  const { visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  visitor.signal(target === 'self' ? self.id : 'A'.repeat(22))
  expect(await visitor.next('error')).toMatchObject({ code: 'peer-not-found', about: 'signal' })
  expect(visitor.received('signal')).toEqual([])
  await expectUnaffected()
})

test('a forged from, host or term is never relayed', async () => {
  const { a, b, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  const forged = { from: b.id, host: b.id, term: 99 }
  visitor.send({ type: 'signal', to: a.id, data: candidate, ...forged })
  visitor.send({ ...forged, type: 'signal', to: a.id, data: candidate })
  const expected = { type: 'signal', from: self.id, data: candidate }
  expect(await a.client.next('signal')).toEqual(expected)
  expect(await a.client.next('signal')).toEqual(expected)
  await expectUnaffected()
})

test('a forged from in a duplicate field is never relayed', async () => {
  const { a, b, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  const data = JSON.stringify(candidate)
  visitor.sendRaw(`{"type":"signal","to":"${a.id}","data":${data},"from":"${b.id}"}`)
  visitor.sendRaw(`{"type":"signal","to":"${b.id}","data":${data},"to":"${a.id}"}`)
  visitor.sendRaw(`{"type":"signal","to":"${a.id}","data":{"from":"${b.id}"},"data":${data}}`)
  for (let received = 0; received < 3; received += 1) {
    expect(await a.client.next('signal')).toEqual({
      type: 'signal',
      from: self.id,
      data: candidate,
    })
  }
  expect(b.client.received('signal')).toEqual([])
  await expectUnaffected()
})

test('a host message from a client is invalid', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  visitor.send({ type: 'host', host: self.id, term: 99, previous: a.id, reason: 'transfer' })
  expect(await visitor.next('error')).toMatchObject({ code: 'bad-message' })
  visitor.send({ type: 'transfer-host', to: self.id })
  expect(await visitor.next('error')).toMatchObject({ code: 'not-host', about: 'transfer-host' })
  await expectUnaffected()
})

test('without rights a kick is unauthorized', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  await visitor.join('calm')
  visitor.send({ type: 'kick', id: a.id, reason: 'because' })
  expect(await visitor.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await expectUnaffected()
})

test('a signal to an offline member is answered with peer-unreachable', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  const other = await server.member('calm')
  visitor.drop()
  const update = await other.client.next('peer-updated')
  expect(update.peer).toMatchObject({ id: self.id, online: false })
  other.client.signal(self.id)
  expect(await other.client.next('error')).toMatchObject({
    code: 'peer-unreachable',
    retryable: true,
  })
  expect(a.id).not.toBe(self.id)
  await expectUnaffected()
})

test('a signal to a member whose connection was replaced reaches only the newer connection', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  const { self, resume } = await visitor.join('calm')
  const newer = await server.connect()
  expect((await newer.join('calm', { resume })).self.id).toBe(self.id)
  expect(await visitor.closed).toEqual({ code: 4502 })
  a.client.signal(self.id)
  expect((await newer.next('signal')).from).toBe(a.id)
  expect(visitor.received('signal')).toEqual([])
  await expectUnaffected()
})

test('messages on a replaced connection have no effect', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  const { self, resume } = await visitor.join('calm')
  // It does not read, so it does not notice that it was closed.
  visitor.socket.pause()
  const newer = await server.connect()
  await newer.join('calm', { resume })
  visitor.send({ type: 'update', presence: { late: true } })
  visitor.signal(a.id)
  visitor.send({ type: 'leave' })
  visitor.socket.resume()
  expect(await visitor.closed).toEqual({ code: 4502 })
  a.client.signal(self.id)
  await newer.next('signal')
  expect(a.client.received('peer-updated')).toEqual([])
  expect(a.client.received('signal')).toEqual([])
  await expectUnaffected()
})

test('a signal of a replaced peer connection is relayed unchanged, for the receiver to drop', async () => {
  const { a, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  const stale = { ...candidate, link: { local: 'old', remote: 'older' } }
  visitor.signal(a.id, stale)
  expect(await a.client.next('signal')).toEqual({ type: 'signal', from: self.id, data: stale })
  await expectUnaffected()
})
