import { expect, test } from 'vitest'
import { startFixture } from '../testing/fixture.ts'
import { candidate } from '../testing/test-client.ts'

test('of 5,000 pings in a burst 60 are answered and the rest are rejected until 4504', async () => {
  const { visitor, expectUnaffected } = await startFixture({ now: () => 1_700_000_000_000 })
  await visitor.join('calm')
  for (let id = 0; id < 5_000; id += 1) visitor.send({ type: 'ping', id })
  expect(await visitor.closed).toEqual({ code: 4504 })
  expect(visitor.received('pong')).toHaveLength(60 - 1)
  const errors = visitor.received('error')
  expect(errors).toHaveLength(201)
  expect(errors.every(({ code }) => code === 'rate-limited')).toBe(true)
  expect(errors[0]).toMatchObject({ about: 'ping', retryable: true, retryAfterMs: 50 })
  await expectUnaffected()
})

test('of 5,000 signals in a burst 2,000 are relayed and the rest are rejected until 4504', async () => {
  const { server, visitor, expectUnaffected } = await startFixture({ now: () => 1_700_000_000_000 })
  await visitor.join('elsewhere')
  const victim = await server.member('elsewhere')
  for (let sent = 0; sent < 5_000; sent += 1) visitor.signal(victim.id)
  expect(await visitor.closed).toEqual({ code: 4504 })
  await victim.client.next('peer-updated')
  expect(victim.client.received('signal')).toHaveLength(2_000)
  expect(visitor.received('error')[0]).toMatchObject({ about: 'signal', retryAfterMs: 5 })
  await expectUnaffected()
})

test('of 5,000 WebSocket pings in a burst 60 are answered, then 4504', async () => {
  const { visitor, expectUnaffected } = await startFixture({ now: () => 1_700_000_000_000 })
  let pongs = 0
  visitor.socket.on('pong', () => {
    pongs += 1
  })
  for (let sent = 0; sent < 5_000; sent += 1) visitor.socket.ping()
  expect(await visitor.closed).toEqual({ code: 4504 })
  expect(pongs).toBe(60)
  await expectUnaffected()
})

test('5,000 unsolicited WebSocket pongs close the connection with 4504', async () => {
  const { visitor, expectUnaffected } = await startFixture({ now: () => 1_700_000_000_000 })
  for (let sent = 0; sent < 5_000; sent += 1) visitor.socket.pong()
  expect(await visitor.closed).toEqual({ code: 4504 })
  expect(visitor.received('error')).toHaveLength(201)
  await expectUnaffected()
})

test('a client that never reads is closed with 4002 and does not delay the others', async () => {
  const { server, a, visitor, expectUnaffected } = await startFixture()
  const { self } = await visitor.join('calm')
  await a.client.next('peer-joined')
  visitor.socket.pause()
  const sdp = 'x'.repeat(60_000)
  const sender = await server.member('calm')
  const big = { link: candidate.link, type: 'description', description: { type: 'offer', sdp } }
  for (let sent = 0; sent < 400; sent += 1) {
    sender.client.send({ type: 'signal', to: self.id, data: big })
  }
  const lost = await a.client.next('peer-updated')
  expect(lost.peer).toMatchObject({ id: self.id, online: false })
  await expectUnaffected()
  visitor.socket.resume()
  expect(await visitor.closed).toEqual({ code: 4002 })
})

test('a client that never reads again loses its socket', async () => {
  const { server, visitor, a } = await startFixture({
    tuning: { closeMs: 50, maxQueuedBytes: 64 * 1024 },
  })
  const { self } = await visitor.join('calm')
  visitor.socket.pause()
  const sdp = 'x'.repeat(60_000)
  const big = { link: candidate.link, type: 'description', description: { type: 'offer', sdp } }
  for (let sent = 0; sent < 400; sent += 1)
    a.client.send({ type: 'signal', to: self.id, data: big })
  await expect
    .poll(async () => connectionCount(await (await fetch(`${server.httpUrl}/metrics`)).text()))
    .toBe(2)
})

const connectionCount = (text: string): number =>
  Number(/^skein_connections (\d+)$/m.exec(text)?.[1])
