import { type ErrorCode, encode, errorMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { startClient, welcome } from './signaling.testing.ts'

const rejection = (code: ErrorCode) => encode(errorMessage({ code, about: 'join' }))

test('each join and each resume gets its own token', async () => {
  let count = 0
  const setup = startClient({
    token: async () => {
      count += 1
      return `ticket-${count}`
    },
  })
  const { clock, joins, server } = setup
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => joins.length === 2)
  setup.onJoin = ({ resume }, socket) =>
    socket.send(resume === null ? encode(welcome()) : rejection('resume-rejected'))
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => joins.length === 4)
  expect(joins.map(({ token, resume }) => [token, resume !== null])).toEqual([
    ['ticket-1', false],
    ['ticket-2', true],
    ['ticket-3', true],
    ['ticket-4', false],
  ])
})

test('a token given as a string is used each time', async () => {
  const { clock, joins, server } = startClient({ token: 'ticket' })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => joins.length === 2)
  expect(joins.map(({ token }) => token)).toEqual(['ticket', 'ticket'])
})

test.each([0, 1])(
  'unauthorized after %i welcomes closes the client with the message of the server',
  async (welcomes) => {
    const setup = startClient({ token: 'ticket' })
    const { clock, joins, server, closed } = setup
    if (welcomes > 0) await clock.advance(100)
    setup.onJoin = (_join, socket) => {
      socket.send(rejection('unauthorized'))
      socket.close(4501)
    }
    if (welcomes > 0) server.sockets[0]?.close(1006)
    await clock.advance(60_000)
    expect(closed).toMatchObject([
      { code: 'unauthorized', message: 'The token does not allow this.', retryable: false },
    ])
    expect([joins.length, clock.pending]).toEqual([welcomes + 1, 0])
  },
)

test('after a first welcome a token function that fails is called again', async () => {
  let isSignedIn = true
  const { clock, joins, closed, online, server } = startClient({
    token: async () => {
      if (!isSignedIn) throw new Error('no session')
      return 'ticket'
    },
  })
  await clock.advance(100)
  isSignedIn = false
  server.sockets[0]?.close(1006)
  await clock.advance(30_000)
  expect([joins.length, closed]).toEqual([1, []])
  isSignedIn = true
  await clock.until(() => online.at(-1) === true)
  expect(joins.length).toBe(2)
})

test('a token function that never resolves ends at the time limit', async () => {
  const { clock, joins, closed } = startClient({ token: () => new Promise(() => {}) })
  await clock.advance(15_100)
  expect([joins, clock.pending]).toEqual([[], 0])
  expect(closed).toMatchObject([{ code: 'timeout' }])
})

test('a token that arrives after its socket has closed is not used', async () => {
  const resolvers: ((token: string) => void)[] = []
  const { clock, joins, server } = startClient({
    token: () => new Promise((resolve) => resolvers.push(resolve)),
  })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => resolvers.length === 2)
  resolvers[0]?.('late')
  resolvers[1]?.('ticket')
  await clock.advance(100)
  expect(joins.map(({ token }) => token)).toEqual(['ticket'])
})

test.each([
  ['spam', 'spam'],
  ['', 'The server removed this peer.'],
])('a peer kicked for %j gets the reason and does not reconnect', async (reason, message) => {
  const { clock, joins, server, closed } = startClient()
  await clock.advance(100)
  server.sockets[0]?.close(4503, reason)
  await clock.advance(60_000)
  expect(closed).toMatchObject([{ code: 'closed', message, retryable: false }])
  expect(joins.length).toBe(1)
})
