import { defaultLimits, encode, peerId, type SignalData } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { startClient, welcome } from './signaling.testing.ts'

const other = peerId('other')
const data = (mark: number): SignalData => ({
  link: { local: 'l', remote: null },
  type: 'candidate',
  candidate: { candidate: `c${mark}` },
})
const signal = (mark: number) => ({ type: 'signal', to: other, data: data(mark) }) as const
const countSignals = (messages: readonly { type: string }[]) =>
  messages.filter((message) => message.type === 'signal').length

test('the first frame is a join with the member info, and the welcome is reported', async () => {
  const { clock, joins, welcomes, online, client, server } = startClient({
    presence: { name: 'Ann' },
    priority: 7,
    token: async () => 'ticket',
  })
  expect(client.isOnline).toBe(false)
  await clock.advance(100)
  expect(server.sockets[0]?.protocol).toBe('skein.v1')
  expect(joins).toEqual([
    {
      type: 'join',
      v: 1,
      room: 'blue-door',
      presence: { name: 'Ann' },
      canHost: true,
      priority: 7,
      token: 'ticket',
      resume: null,
    },
  ])
  expect([welcomes.length, online, client.isOnline]).toEqual([1, [true], true])
})

test('a lost socket is replaced, and the latest resume token is used', async () => {
  const { clock, joins, online, send, server } = startClient()
  await clock.advance(100)
  send({ type: 'resume', resume: 'fresher' })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.advance(2_000)
  expect(joins.map(({ resume }) => resume)).toEqual([null, 'fresher'])
  expect(online).toEqual([true, false, true])
})

test('a rejected resume is followed by a fresh join on the same socket', async () => {
  const setup = startClient()
  const { clock, joins, server, closed } = setup
  await clock.advance(100)
  setup.onJoin = ({ resume }, socket) =>
    socket.send(
      encode(
        resume === null
          ? welcome({ revision: 9 })
          : {
              type: 'error',
              code: 'resume-rejected',
              message: 'no',
              retryable: true,
              retryAfterMs: null,
              about: 'join',
            },
      ),
    )
  server.sockets[0]?.close(4000)
  await clock.advance(2_000)
  expect(joins.map(({ resume }) => resume)).toEqual([null, 'token-1', null])
  expect([server.sockets.length, setup.welcomes.at(-1)?.revision, closed]).toEqual([1, 9, []])
})

test('updates made while offline or during the handshake reach the server afterwards', async () => {
  const { clock, joins, requests, client, server } = startClient()
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.advance(20)
  client.update({ presence: { name: 'Anna' }, canHost: false })
  await clock.until(() => joins.length === 2)
  expect(joins[1]).toMatchObject({ presence: { name: 'Anna' }, canHost: false })
  client.update({ presence: null })
  await clock.advance(100)
  expect(requests.at(-1)).toEqual({ type: 'update', presence: null, canHost: false, priority: 0 })
})

test('signals are dropped while offline, and those that wait when the socket is replaced', async () => {
  const setup = startClient()
  const { clock, requests, client, server, send } = setup
  setup.onJoin = (_join, socket) =>
    socket.send(
      encode(welcome({ limits: { ...defaultLimits, signalsBurst: 10, signalsPerSecond: 1 } })),
    )
  await clock.advance(100)
  for (let mark = 0; mark < 40; mark += 1) expect(client.send(signal(mark))).toBe(true)
  send({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 100 })
  await clock.advance(2_000)
  expect(countSignals(requests)).toBeLessThan(15)
  server.sockets[0]?.close(1006)
  await clock.advance(20)
  expect(client.send(signal(0))).toBe(false)
  expect(client.send({ type: 'transfer-host', to: other })).toBe(false)
  const before = countSignals(requests)
  await clock.advance(2_000)
  expect(countSignals(requests)).toBe(before)
})

test('signals are paced to the limits of the welcome, and none is lost', async () => {
  const setup = startClient()
  setup.onJoin = (_join, socket) =>
    socket.send(
      encode(welcome({ limits: { ...defaultLimits, signalsBurst: 10, signalsPerSecond: 10 } })),
    )
  await setup.clock.advance(100)
  for (let mark = 0; mark < 40; mark += 1) setup.client.send(signal(mark))
  await setup.clock.advance(1_000)
  expect(countSignals(setup.requests)).toBeLessThanOrEqual(20)
  expect(countSignals(setup.requests)).toBeGreaterThan(15)
  await setup.clock.advance(3_000)
  expect(countSignals(setup.requests)).toBe(40)
})

test('the client pauses for the retryAfterMs of a rate-limited error', async () => {
  const { clock, client, send, requests } = startClient()
  await clock.advance(100)
  send({
    type: 'error',
    code: 'rate-limited',
    message: 'slow down',
    retryable: true,
    retryAfterMs: 2_000,
    about: 'signal',
  })
  await clock.advance(20)
  client.send(signal(0))
  await clock.advance(1_900)
  expect(countSignals(requests)).toBe(0)
  await clock.advance(200)
  expect(countSignals(requests)).toBe(1)
})

test.each([
  { code: 'peer-unreachable', about: 'signal', retryAfterMs: null },
  { code: 'rate-limited', about: 'update', retryAfterMs: 5_000 },
  { code: 'overloaded', about: 'kick', retryAfterMs: 5_000 },
] as const)('$code about $about slows down no signal', async ({ code, about, retryAfterMs }) => {
  const { clock, client, send, requests } = startClient()
  await clock.advance(100)
  send({ type: 'error', code, message: 'no', retryable: true, retryAfterMs, about })
  await clock.advance(20)
  for (let mark = 0; mark < 500; mark += 1) client.send(signal(mark))
  await clock.advance(20)
  expect(countSignals(requests)).toBe(500)
})

test('a gap in revisions leads to a reconnect and a new welcome', async () => {
  const { clock, send, received, joins, online } = startClient()
  await clock.advance(100)
  send({ type: 'peer-left', revision: 2, id: other, reason: 'left' })
  send({ type: 'peer-left', revision: 4, id: other, reason: 'left' })
  await clock.advance(2_000)
  expect(received.length).toBe(1)
  expect(joins.length).toBe(2)
  expect(online).toEqual([true, false, true])
})

test('a socket that drops all packets is noticed within 3 s in a room in use, and replaced', async () => {
  for (const isBusy of [true, false]) {
    const { clock, server, online, joins } = startClient({ isBusy: () => isBusy })
    await clock.advance(100)
    server.cut('client')
    const cutAt = clock.now()
    await clock.until(() => online.length === 2)
    expect(clock.now() - cutAt).toBeLessThanOrEqual(isBusy ? 3_050 : 13_000)
    await clock.advance(20_000)
    server.restore('client')
    await clock.until(() => online.length === 3, { limitMs: 4_000 })
    expect([online, joins.length]).toEqual([[true, false, true], 2])
  }
})

test('a slow answer ends the attempts to replace a socket', async () => {
  const { clock, server, online, client, joins } = startClient()
  await clock.advance(100)
  const [old] = server.sockets
  const answer = old?.onmessage
  if (old) old.onmessage = (text) => clock.after(900, () => answer?.(text))
  server.isUp = false
  client.check()
  await clock.advance(1_000)
  server.isUp = true
  await clock.advance(3_000)
  expect([online, joins.length, server.sockets]).toEqual([[true], 1, [old]])
})

test('a dead socket is replaced as soon as the network allows, without being offline', async () => {
  const { clock, server, online, client, joins } = startClient()
  await clock.advance(100)
  const [old] = server.sockets
  if (old) old.onmessage = () => {}
  client.check()
  await clock.advance(500)
  expect([online, joins.length, server.sockets.includes(old as never)]).toEqual([[true], 2, false])
})

test('a change of the network replaces the socket at once, and again a socket that was begun before', async () => {
  const { clock, server, client, joins } = startClient()
  await clock.advance(100)
  client.renew()
  await clock.advance(100)
  expect(joins.length).toBe(2)
  server.cut('client')
  client.renew()
  await clock.advance(1_000)
  client.renew()
  // Several events at once make one socket.
  client.renew()
  server.restore('client')
  await clock.advance(100)
  expect([joins.length, server.sockets.length]).toEqual([3, 1])
})

test('while a link is broken, a server that is back is found within a second', async () => {
  let isThere = false
  let knocks = 0
  const knock = async () => {
    knocks += 1
    return isThere
  }
  const { clock, server, online } = startClient({ isBroken: () => true, knock })
  await clock.advance(100)
  server.isUp = false
  server.sockets[0]?.close(1006)
  await clock.advance(300_000)
  expect(knocks).toBeLessThan(300_000 / 600)
  server.isUp = true
  isThere = true
  await clock.advance(1_000)
  expect(online.at(-1)).toBe(true)
})

test('without a broken link the client does not knock', async () => {
  let knocks = 0
  const knock = async () => {
    knocks += 1
    return true
  }
  const { clock, server } = startClient({ knock })
  await clock.advance(100)
  server.isUp = false
  server.sockets[0]?.close(1006)
  await clock.advance(10_000)
  expect(knocks).toBe(0)
})

test('probe notices a dead socket within 2 s', async () => {
  const { clock, server, online, client } = startClient()
  await clock.advance(100)
  server.cut('client')
  client.probe()
  await clock.advance(2_000)
  expect(online).toEqual([true, false])
})

test('time in which a page slept does not count as silence of the server', async () => {
  const { clock, online } = startClient()
  await clock.advance(100)
  await clock.sleep(3_600_000)
  await clock.advance(60_000)
  expect(online).toEqual([true])
})

test('after goaway the old socket stays in use until the new one is welcomed', async () => {
  const { clock, send, online, joins, server, welcomes } = startClient()
  await clock.advance(100)
  const [old] = server.sockets
  send({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 3_000 })
  await clock.until(() => joins.length === 2)
  expect(server.sockets).toContain(old)
  await clock.advance(1_000)
  expect(server.sockets).not.toContain(old)
  expect([online, welcomes.length, joins[1]?.resume]).toEqual([[true], 2, 'token-1'])
})

test('after goaway a close of the old socket as superseded is not final', async () => {
  const setup = startClient()
  const { clock, send, server, closed, online } = setup
  await clock.advance(100)
  const [old] = server.sockets
  setup.onJoin = (_join, socket) => {
    old?.close(4502)
    clock.after(50, () => socket.send(encode(welcome({ resumed: true }))))
  }
  send({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 100 })
  await clock.advance(2_000)
  expect([closed, online.at(-1)]).toEqual([[], true])
})

test('the client tries to reconnect at least every 3 s in the first minute', async () => {
  const setup = startClient()
  const { clock, server } = setup
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  server.isUp = false
  await clock.advance(40_000)
  server.isUp = true
  const since = clock.now()
  await clock.until(() => setup.online.length === 3)
  expect(clock.now() - since).toBeLessThan(3_100)
})

test('close with leave sends `leave`, reports once and leaves no timer', async () => {
  const { clock, client, requests, closed, server } = startClient()
  await clock.advance(100)
  client.close({ leave: true })
  client.close({ leave: true })
  expect(closed).toEqual([])
  await clock.advance(100)
  expect([requests.at(-1), closed, server.sockets]).toEqual([{ type: 'leave' }, [null], []])
  expect([clock.pending, client.send(signal(0)), client.isOnline]).toEqual([0, false, false])
})

test('unknown and invalid frames are ignored, and later ones are received', async () => {
  const { clock, server, received, online, send } = startClient()
  await clock.advance(100)
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{}',
    '{"type":7}',
    '{"type":"novelty","revision":"x"}',
  ]
  for (const text of texts) server.sockets[0]?.send(text)
  send({ type: 'peer-left', revision: 2, id: other, reason: 'left' })
  await clock.advance(100)
  expect([received.length, online]).toEqual([1, [true]])
})

test('an observer that throws still receives the next message', async () => {
  const report = vi.spyOn(console, 'error').mockReturnValue()
  const received: string[] = []
  const { clock, send } = startClient({
    observer: {
      welcomed: () => {},
      received: ({ type }) => {
        received.push(type)
        throw new Error('of the observer')
      },
      reached: () => {},
      onlineChanged: () => {},
      closed: () => {},
    },
  })
  await clock.advance(100)
  for (const revision of [2, 3]) send({ type: 'peer-left', revision, id: other, reason: 'left' })
  await clock.advance(100)
  expect([received, report.mock.calls.length]).toEqual([['peer-left', 'peer-left'], 2])
  report.mockRestore()
})
