import { defaultLimits, encode, peerId, type SignalData } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { stage, welcome } from './signaling.testing.ts'

const other = peerId('other')
const data = (mark: number): SignalData => ({
  link: { local: 'l', remote: null },
  type: 'candidate',
  candidate: { candidate: `c${mark}` },
})
const signal = (mark: number) => ({ type: 'signal', to: other, data: data(mark) }) as const
const marks = (messages: readonly { type: string }[]) =>
  messages.filter((message) => message.type === 'signal').length

test('the first frame is a join that says who I am, and the welcome is told', async () => {
  const { clock, joins, welcomes, online, client, server } = stage({
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

test('a lost socket is replaced, and the newest token resumes the membership', async () => {
  const { clock, joins, online, say, server } = stage()
  await clock.advance(100)
  say({ type: 'resume', resume: 'fresher' })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.advance(2_000)
  expect(joins.map(({ resume }) => resume)).toEqual([null, 'fresher'])
  expect(online).toEqual([true, false, true])
})

test('a rejected resume is followed by a fresh join on the same socket', async () => {
  const play = stage()
  const { clock, joins, server, closed } = play
  await clock.advance(100)
  play.answer = ({ resume }, socket) =>
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
  expect([server.sockets.length, play.welcomes.at(-1)?.revision, closed]).toEqual([1, 9, []])
})

test('what changed while offline, or during the handshake, is known to the server after it', async () => {
  const { clock, joins, got, client, server } = stage()
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.advance(20)
  client.update({ presence: { name: 'Anna' }, canHost: false })
  await clock.until(() => joins.length === 2)
  expect(joins[1]).toMatchObject({ presence: { name: 'Anna' }, canHost: false })
  client.update({ presence: null })
  await clock.advance(100)
  expect(got.at(-1)).toEqual({ type: 'update', presence: null, canHost: false, priority: 0 })
})

test('signals wait while offline and follow a resume in order', async () => {
  const { clock, got, client, server } = stage()
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.advance(20)
  for (let mark = 0; mark < 3; mark += 1) expect(client.send(signal(mark))).toBe(true)
  expect(client.send({ type: 'transfer-host', to: other })).toBe(false)
  await clock.advance(2_000)
  expect(got.filter(({ type }) => type === 'signal')).toEqual([signal(0), signal(1), signal(2)])
})

test('signals that waited are dropped when the membership was not resumed', async () => {
  const play = stage()
  await play.clock.advance(100)
  play.answer = (_join, socket) =>
    socket.send(encode(welcome({ self: { ...welcome().self, id: peerId('anew') } })))
  play.server.sockets[0]?.close(1006)
  await play.clock.advance(20)
  play.client.send(signal(0))
  await play.clock.advance(2_000)
  expect(marks(play.got)).toBe(0)
})

test('signals are paced to the limits of the welcome, and none is lost', async () => {
  const play = stage()
  play.answer = (_join, socket) =>
    socket.send(
      encode(welcome({ limits: { ...defaultLimits, signalsBurst: 10, signalsPerSecond: 10 } })),
    )
  await play.clock.advance(100)
  for (let mark = 0; mark < 40; mark += 1) play.client.send(signal(mark))
  await play.clock.advance(1_000)
  expect(marks(play.got)).toBeLessThanOrEqual(20)
  expect(marks(play.got)).toBeGreaterThan(15)
  await play.clock.advance(3_000)
  expect(marks(play.got)).toBe(40)
})

test('a server that asks for a pause gets one', async () => {
  const { clock, client, say, got } = stage()
  await clock.advance(100)
  say({
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
  expect(marks(got)).toBe(0)
  await clock.advance(200)
  expect(marks(got)).toBe(1)
})

test('a gap in revisions is healed by a new welcome', async () => {
  const { clock, say, heard, joins, online } = stage()
  await clock.advance(100)
  say({ type: 'peer-left', revision: 2, id: other, reason: 'left' })
  say({ type: 'peer-left', revision: 4, id: other, reason: 'left' })
  await clock.advance(2_000)
  expect(heard.length).toBe(1)
  expect(joins.length).toBe(2)
  expect(online).toEqual([true, false, true])
})

test('a black-holed socket is noticed within 15 s and replaced when the path is back', async () => {
  const { clock, server, online, joins } = stage()
  await clock.advance(100)
  server.cut('client')
  await clock.advance(15_500)
  expect(online).toEqual([true, false])
  server.restore('client')
  await clock.until(() => online.length === 3, { limitMs: 50_000 })
  expect(joins.length).toBe(2)
})

test('probe finds a dead socket within 5 s', async () => {
  const { clock, server, online, client } = stage()
  await clock.advance(100)
  server.cut('client')
  client.probe()
  await clock.advance(5_100)
  expect(online).toEqual([true, false])
})

test('a page that slept does not take its own sleep for the death of the server', async () => {
  const { clock, online } = stage()
  await clock.advance(100)
  await clock.sleep(3_600_000)
  await clock.advance(60_000)
  expect(online).toEqual([true])
})

test('goaway: the old socket serves until the new one is welcomed', async () => {
  const { clock, say, online, joins, server, welcomes } = stage()
  await clock.advance(100)
  const [old] = server.sockets
  say({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 3_000 })
  await clock.until(() => joins.length === 2)
  expect(server.sockets).toContain(old)
  await clock.advance(1_000)
  expect(server.sockets).not.toContain(old)
  expect([online, welcomes.length, joins[1]?.resume]).toEqual([[true], 2, 'token-1'])
})

test('goaway: superseded by my own new socket is not the end', async () => {
  const play = stage()
  const { clock, say, server, closed, online } = play
  await clock.advance(100)
  const [old] = server.sockets
  play.answer = (_join, socket) => {
    old?.close(4502)
    clock.after(50, () => socket.send(encode(welcome({ resumed: true }))))
  }
  say({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 100 })
  await clock.advance(2_000)
  expect([closed, online.at(-1)]).toEqual([[], true])
})

test('with open links the server is looked for at least every 3 s', async () => {
  const play = stage()
  const { clock, server, client } = play
  await clock.advance(100)
  client.setHasOpenLinks(true)
  server.sockets[0]?.close(1006)
  server.isUp = false
  await clock.advance(120_000)
  server.isUp = true
  const since = clock.now()
  await clock.until(() => play.online.length === 3)
  expect(clock.now() - since).toBeLessThan(3_100)
})

test('close with leave says goodbye, tells its owner once and leaves no timer', async () => {
  const { clock, client, got, closed, server } = stage()
  await clock.advance(100)
  client.close({ leave: true })
  client.close({ leave: true })
  expect(closed).toEqual([])
  await clock.advance(100)
  expect([got.at(-1), closed, server.sockets]).toEqual([{ type: 'leave' }, [null], []])
  expect([clock.pending, client.send(signal(0)), client.isOnline]).toEqual([0, false, false])
})

test('what a newer server says is passed over, and the rest is heard', async () => {
  const { clock, server, heard, online, say } = stage()
  await clock.advance(100)
  const words = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{}',
    '{"type":7}',
    '{"type":"novelty","revision":"x"}',
  ]
  for (const text of words) server.sockets[0]?.send(text)
  say({ type: 'peer-left', revision: 2, id: other, reason: 'left' })
  await clock.advance(100)
  expect([heard.length, online]).toEqual([1, [true]])
})

test('an observer that throws at one message hears the next', async () => {
  const report = vi.spyOn(console, 'error').mockReturnValue()
  const heard: string[] = []
  const { clock, say } = stage({
    observer: {
      welcomed: () => {},
      received: ({ type }) => {
        heard.push(type)
        throw new Error('mine')
      },
      onlineChanged: () => {},
      closed: () => {},
    },
  })
  await clock.advance(100)
  for (const revision of [2, 3]) say({ type: 'peer-left', revision, id: other, reason: 'left' })
  await clock.advance(100)
  expect([heard, report.mock.calls.length]).toEqual([['peer-left', 'peer-left'], 2])
  report.mockRestore()
})
