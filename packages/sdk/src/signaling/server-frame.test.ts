import { defaultLimits, encode, peerId, type ServerMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { malformedFrame, readFrame } from './server-frame.ts'
import { startClient, welcome } from './signaling.testing.ts'

const { self } = welcome()

const valid: readonly ServerMessage[] = [
  welcome({ peers: [{ ...self, id: peerId('other') }], iceServers: [{ urls: 'stun:192.0.2.1' }] }),
  { type: 'peer-joined', revision: 2, peer: self },
  { type: 'peer-updated', revision: 2, peer: self },
  { type: 'peer-left', revision: 2, id: peerId('other'), reason: 'left' },
  { type: 'host', revision: 2, term: 2, host: null, previous: null, reason: 'left' },
  { type: 'ice-servers', iceServers: [{ urls: ['stun:192.0.2.1'] }] },
  { type: 'resume', resume: 'token' },
  { type: 'goaway', reason: 'deploy', reconnectWithinMs: 5 },
]

test.each(valid)('a valid $type is returned unchanged', (message) => {
  expect(readFrame(encode(message))).toEqual(message)
})

const invalid: readonly object[] = [
  { ...welcome(), peers: undefined },
  { ...welcome(), peers: {} },
  { ...welcome(), peers: [null] },
  { ...welcome(), peers: [{ ...self, id: 7 }] },
  { ...welcome(), self: null },
  { ...welcome(), self: { ...self, id: undefined } },
  { ...welcome(), revision: '1' },
  { ...welcome(), resume: null },
  { ...welcome(), limits: undefined },
  { ...welcome(), limits: { ...defaultLimits, signalsPerSecond: 'many' } },
  { ...welcome(), iceServers: 'stun:192.0.2.1' },
  { ...welcome(), iceServers: [null] },
  { type: 'peer-joined', revision: 2 },
  { type: 'peer-joined', revision: 2, peer: { id: 'other' } },
  { type: 'peer-updated', revision: 2, peer: [] },
  { type: 'peer-left', revision: 2, id: null },
  { type: 'peer-left', id: 'other' },
  { type: 'host', revision: 2 },
  { type: 'signal', from: 'other' },
  { type: 'signal', from: 'other', data: { link: null } },
  { type: 'ice-servers' },
  { type: 'resume' },
]

test.each(invalid)('the client reports the malformed frame %j and reconnects', async (frame) => {
  expect(readFrame(JSON.stringify(frame))).toBe(malformedFrame)
  const { clock, server, received, welcomes, joins, online } = startClient()
  await clock.advance(100)
  server.sockets[0]?.send(JSON.stringify(frame))
  await clock.advance(2_000)
  expect(received).toEqual([malformedFrame])
  expect([welcomes.length, joins.length, online]).toEqual([2, 2, [true, false, true]])
})

test('a malformed first welcome is retried, and is the error at the time limit', async () => {
  const setup = startClient()
  setup.onJoin = (_join, socket) => socket.send('{"type":"welcome"}')
  await setup.clock.advance(15_100)
  expect(setup.joins.length).toBeGreaterThan(1)
  expect(setup.closed).toMatchObject([{ code: 'bad-message' }])
})
