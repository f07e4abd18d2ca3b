import { encode } from '@skein/protocol'
import { expect, test } from 'vitest'
import { startClient } from './signaling.testing.ts'

test.each([4500, 4501, 4502, 4503, 4504, 4505, 1002, 1008])(
  'close code %i is final',
  async (code) => {
    const { clock, server, closed, joins } = startClient()
    await clock.advance(100)
    server.sockets[0]?.close(code)
    await clock.advance(60_000)
    expect(closed.length).toBe(1)
    expect(closed[0]).toBeInstanceOf(Error)
    expect(joins.length).toBe(1)
  },
)

test('a rejected first join closes the client with the code of the server', async () => {
  const setup = startClient()
  setup.onJoin = (_join, socket) =>
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
  await setup.clock.advance(1_000)
  expect(setup.closed).toMatchObject([{ code: 'room-full', message: 'full', retryable: true }])
  expect(setup.server.sockets).toEqual([])
})

test('an overloaded server is not contacted before its retryAfterMs', async () => {
  const setup = startClient()
  setup.onJoin = (_join, socket) =>
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
  await setup.clock.advance(4_900)
  expect(setup.joins.length).toBe(1)
  await setup.clock.advance(1_000)
  expect(setup.joins.length).toBe(2)
  await setup.clock.advance(15_000)
  expect(setup.closed).toMatchObject([{ code: 'overloaded' }])
})

test('without a server the client closes with connect-failed at the time limit', async () => {
  const { clock, server, closed } = startClient()
  server.isUp = false
  await clock.advance(14_900)
  expect(closed).toEqual([])
  await clock.advance(200)
  expect(closed).toMatchObject([{ code: 'connect-failed', retryable: true }])
  expect(clock.pending).toBe(0)
})

test('without an answer to the join the client closes with timeout', async () => {
  const setup = startClient()
  setup.onJoin = () => {}
  await setup.clock.advance(15_100)
  expect(setup.closed).toMatchObject([{ code: 'timeout' }])
})

test('a token function that throws before the first welcome closes the client', async () => {
  const cause = new Error('no session')
  const { clock, closed } = startClient({
    token: () => {
      throw cause
    },
  })
  await clock.advance(100)
  expect(closed).toMatchObject([{ code: 'unauthorized', cause }])
})

test('an invalid url closes the client with bad-argument', async () => {
  const { clock, closed } = startClient({
    WebSocket: class extends WebSocket {
      constructor() {
        super('nonsense::')
      }
    },
  })
  await clock.settle()
  expect(closed).toMatchObject([{ code: 'bad-argument' }])
})
