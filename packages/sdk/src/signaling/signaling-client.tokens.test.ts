import { type ErrorCode, encode, errorMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { stage, welcome } from './signaling.testing.ts'

const refusal = (code: ErrorCode) => encode(errorMessage({ code, about: 'join' }))

test('each join and each return asks for a token of its own', async () => {
  let count = 0
  const play = stage({
    token: async () => {
      count += 1
      return `ticket-${count}`
    },
  })
  const { clock, joins, server } = play
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => joins.length === 2)
  play.answer = ({ resume }, socket) =>
    socket.send(resume === null ? encode(welcome()) : refusal('resume-rejected'))
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

test('a token in words is the same each time', async () => {
  const { clock, joins, server } = stage({ token: 'ticket' })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => joins.length === 2)
  expect(joins.map(({ token }) => token)).toEqual(['ticket', 'ticket'])
})

test.each([0, 1])(
  'unauthorized after %i welcomes is the end, with the words of the server',
  async (welcomes) => {
    const play = stage({ token: 'ticket' })
    const { clock, joins, server, closed } = play
    if (welcomes > 0) await clock.advance(100)
    play.answer = (_join, socket) => {
      socket.send(refusal('unauthorized'))
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

test('a token that cannot be had for a while is asked for again once I was welcomed', async () => {
  let isSignedIn = true
  const { clock, joins, closed, online, server } = stage({
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

test('a token that never comes is waited for no longer than the time limit', async () => {
  const { clock, joins, closed } = stage({ token: () => new Promise(() => {}) })
  await clock.advance(15_100)
  expect([joins, clock.pending]).toEqual([[], 0])
  expect(closed).toMatchObject([{ code: 'timeout' }])
})

test('a token that comes when its socket is gone is not spent on another', async () => {
  const given: ((token: string) => void)[] = []
  const { clock, joins, server } = stage({ token: () => new Promise((give) => given.push(give)) })
  await clock.advance(100)
  server.sockets[0]?.close(1006)
  await clock.until(() => given.length === 2)
  given[0]?.('late')
  given[1]?.('ticket')
  await clock.advance(100)
  expect(joins.map(({ token }) => token)).toEqual(['ticket'])
})

test.each([
  ['spam', 'spam'],
  ['', 'The server removed this peer.'],
])('whoever is kicked for %j is told so, and does not come back', async (reason, message) => {
  const { clock, joins, server, closed } = stage()
  await clock.advance(100)
  server.sockets[0]?.close(4503, reason)
  await clock.advance(60_000)
  expect(closed).toMatchObject([{ code: 'closed', message, retryable: false }])
  expect(joins.length).toBe(1)
})
