import { expect, test } from 'vitest'
import { startScene } from '../testing/scene.ts'
import { candidate } from '../testing/test-client.ts'

test('a signal to a member of another room is answered with peer-not-found', async () => {
  const { a, stranger, expectUnharmed } = await startScene()
  await stranger.join('elsewhere')
  stranger.signal(a.id)
  expect(await stranger.next('error')).toMatchObject({ code: 'peer-not-found', about: 'signal' })
  await expectUnharmed()
  expect(a.client.of('signal')).toHaveLength(1)
})

test.each(['self', 'nobody'])('a signal to %s is answered with peer-not-found', async (whom) => {
  const { stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  stranger.signal(whom === 'self' ? self.id : 'A'.repeat(22))
  expect(await stranger.next('error')).toMatchObject({ code: 'peer-not-found', about: 'signal' })
  expect(stranger.of('signal')).toEqual([])
  await expectUnharmed()
})

test('a forged from, host or term never reaches anyone', async () => {
  const { a, b, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  const forged = { from: b.id, host: b.id, term: 99 }
  stranger.send({ type: 'signal', to: a.id, data: candidate, ...forged })
  stranger.send({ ...forged, type: 'signal', to: a.id, data: candidate })
  const honest = { type: 'signal', from: self.id, data: candidate }
  expect(await a.client.next('signal')).toEqual(honest)
  expect(await a.client.next('signal')).toEqual(honest)
  await expectUnharmed()
})

test('a from that hides behind a doubled field never reaches anyone', async () => {
  const { a, b, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  const data = JSON.stringify(candidate)
  stranger.sendRaw(`{"type":"signal","to":"${a.id}","data":${data},"from":"${b.id}"}`)
  stranger.sendRaw(`{"type":"signal","to":"${b.id}","data":${data},"to":"${a.id}"}`)
  stranger.sendRaw(`{"type":"signal","to":"${a.id}","data":{"from":"${b.id}"},"data":${data}}`)
  for (let heard = 0; heard < 3; heard += 1) {
    expect(await a.client.next('signal')).toEqual({
      type: 'signal',
      from: self.id,
      data: candidate,
    })
  }
  expect(b.client.of('signal')).toEqual([])
  await expectUnharmed()
})

test('a host message from a client is no message', async () => {
  const { a, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  stranger.send({ type: 'host', host: self.id, term: 99, previous: a.id, reason: 'transfer' })
  expect(await stranger.next('error')).toMatchObject({ code: 'bad-message' })
  stranger.send({ type: 'transfer-host', to: self.id })
  expect(await stranger.next('error')).toMatchObject({ code: 'not-host', about: 'transfer-host' })
  await expectUnharmed()
})

test('a kick is unauthorized while there are no rights', async () => {
  const { a, stranger, expectUnharmed } = await startScene()
  await stranger.join('calm')
  stranger.send({ type: 'kick', id: a.id, reason: 'because' })
  expect(await stranger.next('error')).toMatchObject({ code: 'unauthorized', about: 'kick' })
  await expectUnharmed()
})

test('a signal to a member that is offline is answered with peer-unreachable', async () => {
  const { server, a, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  const other = await server.member('calm')
  stranger.drop()
  const update = await other.client.next('peer-updated')
  expect(update.peer).toMatchObject({ id: self.id, online: false })
  other.client.signal(self.id)
  expect(await other.client.next('error')).toMatchObject({
    code: 'peer-unreachable',
    retryable: true,
  })
  expect(a.id).not.toBe(self.id)
  await expectUnharmed()
})

test('a signal for a connection that was replaced goes to the newer one only', async () => {
  const { server, a, stranger, expectUnharmed } = await startScene()
  const { self, resume } = await stranger.join('calm')
  const newer = await server.connect()
  expect((await newer.join('calm', { resume })).self.id).toBe(self.id)
  expect(await stranger.closed).toEqual({ code: 4502 })
  a.client.signal(self.id)
  expect((await newer.next('signal')).from).toBe(a.id)
  expect(stranger.of('signal')).toEqual([])
  await expectUnharmed()
})

test('what an older connection still says after it was replaced changes nothing', async () => {
  const { server, a, stranger, expectUnharmed } = await startScene()
  const { self, resume } = await stranger.join('calm')
  // It does not read, so it does not know that it is closed.
  stranger.socket.pause()
  const newer = await server.connect()
  await newer.join('calm', { resume })
  stranger.send({ type: 'update', presence: { late: true } })
  stranger.signal(a.id)
  stranger.send({ type: 'leave' })
  stranger.socket.resume()
  expect(await stranger.closed).toEqual({ code: 4502 })
  a.client.signal(self.id)
  await newer.next('signal')
  expect(a.client.of('peer-updated')).toEqual([])
  expect(a.client.of('signal')).toEqual([])
  await expectUnharmed()
})

test('a signal of a replaced peer connection is passed on as it is, for its receiver to drop', async () => {
  const { a, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  const stale = { ...candidate, link: { local: 'old', remote: 'older' } }
  stranger.signal(a.id, stale)
  expect(await a.client.next('signal')).toEqual({ type: 'signal', from: self.id, data: stale })
  await expectUnharmed()
})
