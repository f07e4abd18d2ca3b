import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { joinRoom } from '../index.ts'
import { fakeWorld } from './fake-world.testing.ts'

const circle: { self?: object } = {}
circle.self = circle

const invalid: readonly (readonly [string, object])[] = [
  ['url', { url: 'https://x.test' }],
  ['url', { url: 'no url' }],
  ['room', { room: '' }],
  ['room', { room: 'x'.repeat(129) }],
  ['room', { room: 'ü'.repeat(65) }],
  ['room', { room: 'a\u0000b' }],
  ['priority', { priority: 101 }],
  ['priority', { priority: 1.5 }],
  ['canHost', { canHost: 'yes' }],
  ['presence', { presence: [] }],
  ['presence', { presence: { text: 'x'.repeat(5_000) } }],
  ['presence', { presence: circle }],
  ['presence', { presence: { size: 7n } }],
  ['rejoin', { rejoin: 'always' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: Number.NaN }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['maxMessageBytes', { maxMessageBytes: 0 }],
  ['maxMessageBytes', { maxMessageBytes: 2 ** 30 + 1 }],
  ['topology', { topology: 'ring' }],
]

for (const [option, options] of invalid) {
  test(`an invalid ${option} is named in the error: ${inspect(options).slice(0, 60)}`, async () => {
    await expect(fakeWorld().begin('ann', options)).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining(option),
    })
  })
}

test('an rtc configuration that the platform refuses rejects the join, with the reason as its cause', async () => {
  const { network, begin } = fakeWorld()
  const cause = new SyntaxError('Malformed URL')
  class Refusing extends network.port('ann') {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      if (configuration?.iceServers?.length) throw cause
    }
  }
  const rtc = { iceServers: [{ urls: 'nonsense' }] }
  await expect(begin('ann', { rtc, RTCPeerConnection: Refusing })).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('rtc'),
    cause,
  })
})

test('without RTCPeerConnection in the runtime the error names the option', async () => {
  await expect(joinRoom({ url: 'ws://x.test', room: 'x' })).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('RTCPeerConnection'),
  })
})

test('joining without a server rejects at the time limit', async () => {
  const { clock, begin, signaling } = fakeWorld()
  signaling.stop()
  const joining = Promise.allSettled([begin('ann', { timeoutMs: 3_000 })])
  await clock.advance(3_001)
  const message =
    'Could not connect to ws://fake.test/ws: Check the URL, and that the server is running.'
  expect(await joining).toMatchObject([{ reason: { code: 'connect-failed', message } }])
})

test('joining on a server that does not answer rejects at the time limit', async () => {
  const { clock, begin, signaling } = fakeWorld()
  signaling.cut('ann')
  const joining = Promise.allSettled([begin('ann', { timeoutMs: 3_000 })])
  await clock.advance(3_001)
  const message = 'Could not connect to ws://fake.test/ws: The server did not answer in time.'
  expect(await joining).toMatchObject([{ reason: { code: 'timeout', message, retryable: true } }])
})

test('an update with a presence that is no JSON throws bad-argument', async () => {
  const { clock, begin } = fakeWorld()
  const joining = begin('ann')
  await clock.advance(1_000)
  const room = await joining
  for (const presence of [circle, { size: 7n }] as object[]) {
    const update = () => room.update({ presence: { ...presence } })
    expect(update).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  }
})

test('an abort before or while joining rejects, and leaves no member in the room', async () => {
  const { clock, begin, signaling } = fakeWorld()
  await expect(begin('ann', { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'aborted',
  })
  for (const delayMs of [0, 1, 5, 10, 15, 20]) {
    const stop = new AbortController()
    const joining = Promise.allSettled([begin('ann', { signal: stop.signal })])
    await clock.advance(delayMs)
    stop.abort()
    await clock.advance(15_000)
    const [result] = await joining
    if (result?.status === 'fulfilled') await result.value.leave()
    else expect(result?.reason).toMatchObject({ code: 'aborted' })
    await clock.advance(1_000)
    expect(signaling.room('blue-door')).toBe(null)
  }
})

test('a token function that fails rejects the join with unauthorized', async () => {
  const { clock, begin } = fakeWorld()
  const token = () => Promise.reject(new Error('signed out'))
  const joining = Promise.allSettled([begin('ann', { token })])
  await clock.advance(15_001)
  const message = 'Could not connect to ws://fake.test/ws: Could not get a token.'
  const cause = new Error('signed out')
  expect(await joining).toMatchObject([{ reason: { code: 'unauthorized', message, cause } }])
})
