import { encode } from '@skein/protocol'
import { expect, test } from 'vitest'
import { stage } from './signaling.testing.ts'

test.each([4500, 4501, 4502, 4503, 4504, 4505, 1002, 1008])(
  'a close with %i is for good',
  async (code) => {
    const { clock, server, closed, joins } = stage()
    await clock.advance(100)
    server.sockets[0]?.close(code)
    await clock.advance(60_000)
    expect(closed.length).toBe(1)
    expect(closed[0]).toBeInstanceOf(Error)
    expect(joins.length).toBe(1)
  },
)

test('a refusal before the first welcome ends it with the code of the server', async () => {
  const play = stage()
  play.answer = (_join, socket) =>
    socket.send(
      encode({
        type: 'error',
        code: 'room-full',
        message: 'full',
        retryable: true,
        retryAfterMs: null,
        about: 'join',
      }),
    )
  await play.clock.advance(1_000)
  expect(play.closed).toMatchObject([{ code: 'room-full', message: 'full', retryable: true }])
  expect(play.server.sockets).toEqual([])
})

test('an overloaded server is left alone for as long as it asks', async () => {
  const play = stage()
  play.answer = (_join, socket) =>
    socket.send(
      encode({
        type: 'error',
        code: 'overloaded',
        message: 'later',
        retryable: true,
        retryAfterMs: 5_000,
        about: 'join',
      }),
    )
  await play.clock.advance(4_900)
  expect(play.joins.length).toBe(1)
  await play.clock.advance(1_000)
  expect(play.joins.length).toBe(2)
  await play.clock.advance(15_000)
  expect(play.closed).toMatchObject([{ code: 'overloaded' }])
})

test('no server: connect-failed at the time limit', async () => {
  const { clock, server, closed } = stage()
  server.isUp = false
  await clock.advance(14_900)
  expect(closed).toEqual([])
  await clock.advance(200)
  expect(closed).toMatchObject([{ code: 'connect-failed', retryable: true }])
  expect(clock.pending).toBe(0)
})

test('a server that never answers the join: timeout', async () => {
  const play = stage()
  play.answer = () => {}
  await play.clock.advance(15_100)
  expect(play.closed).toMatchObject([{ code: 'timeout' }])
})

test('a token function that throws before the first welcome ends it', async () => {
  const cause = new Error('no session')
  const { clock, closed } = stage({
    token: () => {
      throw cause
    },
  })
  await clock.advance(100)
  expect(closed).toMatchObject([{ code: 'unauthorized', cause }])
})

test('a url that is none ends it with bad-argument', async () => {
  const { clock, closed } = stage({
    WebSocket: class extends WebSocket {
      constructor() {
        super('nonsense::')
      }
    },
  })
  await clock.settle()
  expect(closed).toMatchObject([{ code: 'bad-argument' }])
})
