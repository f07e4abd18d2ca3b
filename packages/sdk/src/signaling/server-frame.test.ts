import { defaultLimits, encode, peerId, type ServerMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { malformedFrame, readFrame } from './server-frame.ts'
import { stage, welcome } from './signaling.testing.ts'

const { self } = welcome()

const good: readonly ServerMessage[] = [
  welcome({ peers: [{ ...self, id: peerId('other') }], iceServers: [{ urls: 'stun:192.0.2.1' }] }),
  { type: 'peer-joined', revision: 2, peer: self },
  { type: 'peer-updated', revision: 2, peer: self },
  { type: 'peer-left', revision: 2, id: peerId('other'), reason: 'left' },
  { type: 'host', revision: 2, term: 2, host: null, previous: null, reason: 'left' },
  { type: 'ice-servers', iceServers: [{ urls: ['stun:192.0.2.1'] }] },
  { type: 'resume', resume: 'token' },
  { type: 'goaway', reason: 'deploy', reconnectWithinMs: 5 },
]

test.each(good)('$type is read as it is', (message) => {
  expect(readFrame(encode(message))).toEqual(message)
})

const bad: readonly object[] = [
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

test.each(bad)(
  'a server that says %j is left for another connection, and told of',
  async (frame) => {
    expect(readFrame(JSON.stringify(frame))).toBe(malformedFrame)
    const { clock, server, heard, welcomes, joins, online } = stage()
    await clock.advance(100)
    server.sockets[0]?.send(JSON.stringify(frame))
    await clock.advance(2_000)
    expect(heard).toEqual([malformedFrame])
    expect([welcomes.length, joins.length, online]).toEqual([2, 2, [true, false, true]])
  },
)

test('a first welcome that is malformed is tried again, and is the reason in the end', async () => {
  const play = stage()
  play.answer = (_join, socket) => socket.send('{"type":"welcome"}')
  await play.clock.advance(15_100)
  expect(play.joins.length).toBeGreaterThan(1)
  expect(play.closed).toMatchObject([{ code: 'bad-message' }])
})
