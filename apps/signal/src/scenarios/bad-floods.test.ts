import { expect, test } from 'vitest'
import { startScene } from '../testing/scene.ts'
import { candidate } from '../testing/test-client.ts'

test('5,000 pings in a burst: sixty are answered, the rest is refused, then 4504', async () => {
  const { stranger, expectUnharmed } = await startScene({ now: () => 1_700_000_000_000 })
  await stranger.join('calm')
  for (let id = 0; id < 5_000; id += 1) stranger.send({ type: 'ping', id })
  expect(await stranger.closed).toEqual({ code: 4504 })
  expect(stranger.of('pong')).toHaveLength(60 - 1)
  const errors = stranger.of('error')
  expect(errors).toHaveLength(201)
  expect(errors.every(({ code }) => code === 'rate-limited')).toBe(true)
  expect(errors[0]).toMatchObject({ about: 'ping', retryable: true, retryAfterMs: 50 })
  await expectUnharmed()
})

test('5,000 signals in a burst: two thousand are relayed, the rest is refused, then 4504', async () => {
  const { server, stranger, expectUnharmed } = await startScene({ now: () => 1_700_000_000_000 })
  await stranger.join('elsewhere')
  const victim = await server.member('elsewhere')
  for (let sent = 0; sent < 5_000; sent += 1) stranger.signal(victim.id)
  expect(await stranger.closed).toEqual({ code: 4504 })
  await victim.client.next('peer-updated')
  expect(victim.client.of('signal')).toHaveLength(2_000)
  expect(stranger.of('error')[0]).toMatchObject({ about: 'signal', retryAfterMs: 5 })
  await expectUnharmed()
})

test('the eleventh update of a burst is refused and the others hear ten', async () => {
  const { a, stranger, expectUnharmed } = await startScene({ now: () => 1_700_000_000_000 })
  await stranger.join('calm')
  for (let n = 0; n < 11; n += 1) stranger.send({ type: 'update', presence: { n } })
  expect(await stranger.next('error')).toMatchObject({ about: 'update', retryAfterMs: 500 })
  await stranger.settle()
  await a.client.settle()
  expect(a.client.of('peer-updated').map(({ peer }) => peer.presence?.n)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ])
  await expectUnharmed()
})

test('5,000 WebSocket pings in a burst are answered sixty times, then 4504', async () => {
  const { stranger, expectUnharmed } = await startScene({ now: () => 1_700_000_000_000 })
  let pongs = 0
  stranger.socket.on('pong', () => {
    pongs += 1
  })
  for (let sent = 0; sent < 5_000; sent += 1) stranger.socket.ping()
  expect(await stranger.closed).toEqual({ code: 4504 })
  expect(pongs).toBe(60)
  await expectUnharmed()
})

test('5,000 WebSocket pongs that nobody asked for are too many', async () => {
  const { stranger, expectUnharmed } = await startScene({ now: () => 1_700_000_000_000 })
  for (let sent = 0; sent < 5_000; sent += 1) stranger.socket.pong()
  expect(await stranger.closed).toEqual({ code: 4504 })
  expect(stranger.of('error')).toHaveLength(201)
  await expectUnharmed()
})

test('a client that never reads is closed with 4002, and nobody else waits for it', async () => {
  const { server, a, stranger, expectUnharmed } = await startScene()
  const { self } = await stranger.join('calm')
  await a.client.next('peer-joined')
  stranger.socket.pause()
  const sdp = 'x'.repeat(60_000)
  const talker = await server.member('calm')
  const big = { link: candidate.link, type: 'description', description: { type: 'offer', sdp } }
  for (let sent = 0; sent < 400; sent += 1) {
    talker.client.send({ type: 'signal', to: self.id, data: big })
  }
  const lost = await a.client.next('peer-updated')
  expect(lost.peer).toMatchObject({ id: self.id, online: false })
  await expectUnharmed()
  stranger.socket.resume()
  expect(await stranger.closed).toEqual({ code: 4002 })
})

test('a client that never reads again does not keep its socket', async () => {
  const { server, stranger, a } = await startScene({
    tuning: { closeMs: 50, maxQueuedBytes: 64 * 1024 },
  })
  const { self } = await stranger.join('calm')
  stranger.socket.pause()
  const sdp = 'x'.repeat(60_000)
  const big = { link: candidate.link, type: 'description', description: { type: 'offer', sdp } }
  for (let sent = 0; sent < 400; sent += 1)
    a.client.send({ type: 'signal', to: self.id, data: big })
  await expect
    .poll(async () => metric(await (await fetch(`${server.httpUrl}/metrics`)).text()))
    .toBe(2)
})

const metric = (text: string): number => Number(/^skein_connections (\d+)$/m.exec(text)?.[1])
