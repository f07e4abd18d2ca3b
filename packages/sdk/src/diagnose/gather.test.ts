import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { connectDirectly } from './direct.ts'
import { type Gathered, gather, judge, kindOf, splitServers } from './gather.ts'

const host = { type: 'host', protocol: 'udp', address: '10.0.0.7', port: 1, base: null }
const gathered = (part: Partial<Gathered>): Gathered => ({
  candidates: [],
  errors: [],
  isComplete: true,
  ms: 40,
  ...part,
})
const turn = 'turn:example.org:3478'
const stun = 'stun:example.org:3478'

test('the kind of a server is in its URL', () => {
  const urls = ['stun:a', 'turn:a', 'turn:a?transport=udp', 'turn:a?transport=tcp', 'turns:a']
  expect(urls.map(kindOf)).toEqual(['stun', 'turn-udp', 'turn-udp', 'turn-tcp', 'turn-tls'])
})

test('each URL of a server is tried alone', () => {
  expect(splitServers([{ urls: ['turn:a', 'turns:a'], username: 'u', credential: 'c' }])).toEqual([
    { urls: 'turn:a', username: 'u', credential: 'c' },
    { urls: 'turns:a', username: 'u', credential: 'c' },
  ])
})

test('a server that gives a candidate works', () => {
  const relay = { ...host, type: 'relay' }
  const mapped = { ...host, type: 'srflx' }
  expect(judge(turn, gathered({ candidates: [relay] }))).toMatchObject({ result: 'ok', ms: 40 })
  expect(judge(stun, gathered({ candidates: [mapped] }))).toMatchObject({ result: 'ok' })
})

test.for(['Unauthorized.', ''])('refused credentials are told as 401, with the text %o', (text) => {
  // The texts of Chromium 156 and of Firefox 153.
  const errors = [{ code: 401, text }]
  expect(judge(turn, gathered({ errors }))).toMatchObject({
    result: 'unauthorized',
    error: { code: 401 },
  })
})

test('another error of a TURN server is told with its code', () => {
  const errors = [{ code: 486, text: 'Allocation Quota Reached' }]
  expect(judge(turn, gathered({ errors }))).toMatchObject({ result: 'refused', error: errors[0] })
})

test('701 is the word of browsers for no answer', () => {
  const errors = [{ code: 701, text: '' }]
  expect(judge(turn, gathered({ errors }))).toMatchObject({ result: 'no-answer', error: null })
  expect(judge(stun, gathered({ errors, candidates: [host] }))).toMatchObject({
    result: 'no-answer',
  })
})

test('without a NAT, a STUN server that answers leaves no candidate', () => {
  expect(judge(stun, gathered({ candidates: [host] }))).toMatchObject({ result: 'ok' })
  expect(judge(stun, gathered({ candidates: [host], isComplete: false }))).toMatchObject({
    result: 'no-answer',
  })
})

/** A connection in a browser that never says anything. */
class SilentConnection {
  readonly iceGatheringState = 'gathering'

  createDataChannel(): void {}

  setLocalDescription(): Promise<void> {
    return Promise.resolve()
  }

  createOffer(): Promise<void> {
    return new Promise(() => {})
  }

  close(): void {}
}

test.for(['before', 'meanwhile'])(
  'an abort %s ends gathering, and leaves no timer',
  async (when) => {
    const clock = virtualClock()
    const abort = new AbortController()
    const port: unknown = SilentConnection
    const options = {
      RTCPeerConnection: port as typeof RTCPeerConnection,
      clock,
      timeoutMs: 1_000,
      signal: abort.signal,
    }
    if (when === 'before') abort.abort()
    const both = Promise.all([gather({}, () => false, options), connectDirectly(options)])
    abort.abort()
    expect(await both).toMatchObject([{ candidates: [], ms: 0 }, null])
    expect(clock.pending).toBe(0)
  },
)

test('gathering that is enough leaves no timer', async () => {
  const clock = virtualClock()
  const port: unknown = class extends SilentConnection {
    onicegatheringstatechange = () => {}

    override createDataChannel(): void {
      queueMicrotask(() => this.onicegatheringstatechange())
    }
  }
  const RTCPeerConnection = port as typeof globalThis.RTCPeerConnection
  await gather({}, () => true, { RTCPeerConnection, clock, timeoutMs: 1_000 })
  expect(clock.pending).toBe(0)
})
