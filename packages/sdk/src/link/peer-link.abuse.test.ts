import { expect, test } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { linkPair } from './link-pair.testing.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

test('a peer that keeps opening new connections makes a link create twenty in 10 s', async () => {
  const clock = virtualClock()
  const Port = new FakeNetwork({ clock }).port('a')
  let created = 0
  class Counted extends Port {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      created += 1
    }
  }
  const ignore = () => {}
  const link = createPeerLink({
    isPolite: false,
    rtc: {},
    iceServers: [],
    readPath,
    server: { check: () => {}, renew: () => {} },
    mayCall: () => false,
    RTCPeerConnection: Counted,
    clock,
    random: Math.random,
    observer: {
      signal: ignore,
      statusChanged: ignore,
      opened: ignore,
      interrupted: ignore,
      frame: ignore,
      attemptEnded: ignore,
    },
  })
  const candidate = { candidate: 'x' }
  const signalFrom = (local: string) =>
    link.receive({ link: { local, remote: null }, type: 'candidate', candidate })
  for (let round = 0; round < 1_000; round += 1) signalFrom(`new ${round}`)
  expect(created).toBe(20)
  await clock.advance(10_000)
  for (let round = 0; round < 1_000; round += 1) signalFrom(`newer ${round}`)
  expect(created).toBe(40)
  link.close()
})

test('a link flooded with signals of invented connections still opens with the real one', async () => {
  const pair = linkPair({ seed: 8 })
  for (let round = 0; round < 100; round += 1) {
    const data = { link: { local: `new ${round}`, remote: null }, type: 'candidate' } as const
    pair.a.link.receive({ ...data, candidate: { candidate: 'x' } })
  }
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 30_000 })
})

/** A link whose connection counts what it is made to do. */
const countingLink = (clock = virtualClock()) => {
  const Port = new FakeNetwork({ clock }).port('a')
  const calls = { candidates: 0, descriptions: 0, closed: 0 }
  let pc: RTCPeerConnection | undefined
  class Counting extends Port {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      pc = this
    }
    override async setRemoteDescription(description: RTCSessionDescriptionInit) {
      calls.descriptions += 1
      if (description.sdp?.startsWith('{')) await super.setRemoteDescription(description)
    }
    override async addIceCandidate() {
      calls.candidates += 1
    }
  }
  const link = createPeerLink({
    isPolite: false,
    rtc: {},
    iceServers: [],
    readPath,
    server: { check: () => {}, renew: () => {} },
    mayCall: () => true,
    RTCPeerConnection: Counting,
    clock,
    random: Math.random,
    observer: {
      signal: () => {},
      statusChanged: () => {},
      opened: () => {},
      interrupted: () => {},
      frame: () => {},
      attemptEnded: () => {},
    },
  })
  const receive = (message: NegotiationMessage) =>
    link.receive({ link: { local: 'theirs', remote: null }, ...message })
  return { link, calls, clock, receive, pc: () => pc }
}

const candidate = (number: number) => {
  const address = `192.0.2.${number % 200} ${number}`
  const line = `candidate:${number} 1 udp 1 ${address} typ host`
  return { type: 'candidate', candidate: { candidate: line, sdpMid: '0' } } as const
}
const offer = (sdp: string) =>
  ({ type: 'description', description: { type: 'offer', sdp } }) as const

test('a peer makes the browser check a bounded number of addresses, however it names them', async () => {
  const { link, calls, clock, receive } = countingLink()
  receive(offer('v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n'))
  await clock.settle()
  for (let number = 0; number < 9_000; number += 1) receive(candidate(number))
  await clock.settle()
  const first = calls.candidates
  expect(first).toBeGreaterThan(100)
  expect(first).toBeLessThanOrEqual(3_000)
  const lines = Array.from({ length: 100 }, (_, at) => candidate(at).candidate.candidate)
  receive(offer(['v=1', ...lines.map((line) => `a=${line}`)].join('\r\n')))
  await clock.settle()
  expect(calls.descriptions).toBe(1)
  await clock.advance(300_000)
  receive(candidate(1))
  await clock.settle()
  expect(calls.candidates).toBeLessThanOrEqual(first + 1)
  link.close()
})

test('addresses within descriptions count too, but each only once', async () => {
  const { link, calls, clock, receive } = countingLink()
  const offerWith = (from: number, to: number) => {
    const lines = Array.from({ length: to - from }, (_, at) => candidate(from + at))
    const text = lines.map((line) => `a=${line.candidate.candidate}`)
    receive(offer([`v=${from}.${calls.descriptions}`, ...text].join('\r\n')))
  }
  for (let round = 0; round < 20; round += 1) {
    offerWith(0, 100)
    await clock.settle()
  }
  expect(calls.descriptions).toBe(20)
  offerWith(100, 4_000)
  await clock.settle()
  expect(calls.descriptions).toBe(20)
  link.close()
})

test('a peer causes a bounded number of renegotiations', async () => {
  const { link, calls, clock, receive } = countingLink()
  for (let number = 0; number < 12_000; number += 1) {
    receive(offer(`v=${number}\r\nm=application 9\r\n`))
    await Promise.resolve()
  }
  await clock.settle()
  expect(calls.descriptions).toBeGreaterThan(0)
  expect(calls.descriptions).toBeLessThanOrEqual(10_000)
  link.close()
})

test('a description with a media section that nobody asked for is not applied', async () => {
  const { link, calls, clock, receive } = countingLink()
  const data = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n'
  for (const media of ['audio', 'video']) {
    receive(offer(`${data}m=${media} 9 UDP/TLS/RTP/SAVPF 111\r\n`))
  }
  await clock.settle()
  expect(calls.descriptions).toBe(0)
  receive(offer(data))
  await clock.settle()
  expect(calls.descriptions).toBe(1)
  link.close()
})

test('channels that a peer announces are bounded, and those of another label are closed', async () => {
  const { link, pc, clock, receive } = countingLink()
  receive(offer('v=0'))
  await clock.settle()
  let closed = 0
  const announce = (label: string) => {
    const channel = Object.assign(new EventTarget(), {
      label,
      close: () => {
        closed += 1
      },
    }) as unknown as RTCDataChannel
    pc()?.ondatachannel?.({ channel } as RTCDataChannelEvent)
  }
  for (const label of ['skein', 'skein-control', 'other']) announce(label)
  expect(closed).toBe(3)
  for (let number = 0; number < 2_000; number += 1) announce(`c:${number}`)
  expect(closed).toBeGreaterThan(1_500)
  link.close()
})
