import { expect, test, vi } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { parseControl } from './control.ts'
import { isWorthSending, Negotiation, type NegotiationMessage } from './negotiation.ts'

/** A negotiation on its own, without a link's channels. */
class End extends Negotiation {
  readonly sent: NegotiationMessage[] = []

  protected override signal(message: NegotiationMessage): void {
    this.sent.push(message)
  }

  override makeChannels(): void {
    // An answer needs no channels.
  }

  protected override allows(): boolean {
    return true
  }

  protected override replace(): never {
    throw new Error('a browser never needs to be replaced')
  }
}

const ends = (): { clock: VirtualClock; a: End; b: End } => {
  const clock = virtualClock()
  const network = new FakeNetwork({ clock })
  const end = (name: 'a' | 'b') =>
    new End({
      RTCPeerConnection: network.port(name),
      configuration: {},
      isPolite: name === 'b',
      clock,
    })
  return { clock, a: end('a'), b: end('b') }
}

/** The description that this end sent last. */
const latest = ({ sent }: End): NegotiationMessage => {
  const message = sent.findLast(({ type }) => type === 'description')
  if (!message) throw new Error('no description was sent')
  return message
}

test('at most 128 candidates are held until a description arrives', async () => {
  const { clock, a, b } = ends()
  const add = vi.spyOn(a.pc, 'addIceCandidate')
  for (let mark = 0; mark < 1_000; mark += 1) {
    const candidate = { candidate: `c${mark}`, sdpMid: '0' }
    void a.receive({ type: 'candidate', candidate })
  }
  expect(add).not.toHaveBeenCalled()
  void b.offer()
  await clock.advance(100)
  void a.receive(latest(b))
  await clock.advance(100)
  expect(add.mock.calls.length).toBe(128)
  expect(add.mock.calls[0]?.[0]).toMatchObject({ candidate: 'c0' })
})

test('a late duplicate of one of the last 16 descriptions is not applied again', async () => {
  const { clock, a, b } = ends()
  const apply = vi.spyOn(a.pc, 'setRemoteDescription')
  const offers: NegotiationMessage[] = []
  for (let round = 0; round < 40; round += 1) {
    if (round > 0) b.pc.restartIce()
    else void b.offer()
    await clock.advance(100)
    offers.push(latest(b))
    void a.receive(latest(b))
    await clock.advance(100)
    void b.receive(latest(a))
    await clock.advance(100)
  }
  expect(apply.mock.calls.length).toBe(40)
  for (const offer of offers.slice(-16)) void a.receive(offer)
  await clock.advance(100)
  expect(apply.mock.calls.length).toBe(40)
  for (const offer of offers.slice(0, 1)) void a.receive(offer)
  await clock.advance(100)
  expect(apply.mock.calls.length).toBe(41)
})

test('a control message longer than 64 KiB is ignored', () => {
  const message = (sdp: string) =>
    JSON.stringify({ type: 'description', description: { type: 'offer', sdp } })
  expect(parseControl(message('x'.repeat(60_000)))).not.toBeNull()
  expect(parseControl(message('x'.repeat(70_000)))).toBeNull()
})

const candidate = (type: string, tcpType: RTCIceTcpCandidateType | null = null) => {
  const transport = tcpType ? 'tcp' : 'udp'
  const address = `candidate:1 1 ${transport} 2122260223 192.0.2.1 9 typ ${type}`
  return { candidate: tcpType ? `${address} tcptype ${tcpType}` : address, tcpType }
}

test.each([
  ['a UDP host candidate', candidate('host'), true],
  [
    'an mDNS candidate',
    { candidate: 'candidate:1 1 udp 1 x.local 5000 typ host', tcpType: null },
    true,
  ],
  ['a server reflexive candidate', candidate('srflx'), true],
  ['a relay candidate', candidate('relay'), true],
  ['a passive TCP candidate', candidate('host', 'passive'), true],
  ['a simultaneous-open TCP candidate', candidate('host', 'so'), true],
  ['an active TCP candidate', candidate('host', 'active'), false],
  ['the end of candidates', null, false],
  ['the end of candidates of one generation', { candidate: '', tcpType: null }, false],
])('%s is signaled or not', (_, found, isSignaled) => {
  expect(isWorthSending(found)).toBe(isSignaled)
})

test('the candidates of a connection pass the filter on their way to the other side', () => {
  const { a } = ends()
  for (const found of [candidate('host'), candidate('host', 'active'), candidate('relay'), null]) {
    const event: unknown = { candidate: found }
    a.pc.onicecandidate?.(event as RTCPeerConnectionIceEvent)
  }
  const sent = a.sent.map((message) => message.type === 'candidate' && message.candidate?.candidate)
  expect(sent).toEqual([candidate('host').candidate, candidate('relay').candidate])
})

const roles = [
  { when: 'the first one', remote: null, local: null, expected: 'actpass' },
  { when: 'after its active answer', remote: 'active', local: 'actpass', expected: 'active' },
  { when: 'after its passive answer', remote: 'passive', local: 'actpass', expected: 'passive' },
  { when: 'after an active answer', remote: 'actpass', local: 'active', expected: 'passive' },
  { when: 'after a passive answer', remote: 'actpass', local: 'passive', expected: 'active' },
]

test.each(roles)(
  'an offer of the other side, $when, is applied with the DTLS role that it has: $expected',
  async ({ remote, local, expected }) => {
    const { clock, a } = ends()
    const described = (role: string | null) => role && { type: 'answer', sdp: `a=setup:${role}` }
    Object.defineProperties(a.pc, {
      currentRemoteDescription: { value: described(remote) },
      currentLocalDescription: { value: described(local) },
    })
    const apply = vi.spyOn(a.pc, 'setRemoteDescription').mockResolvedValue()
    const sdp = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=setup:actpass\r\n'
    void a.receive({ type: 'description', description: { type: 'offer', sdp } })
    await clock.advance(100)
    const applied = { type: 'offer', sdp: sdp.replace('actpass', expected) }
    expect(apply).toHaveBeenCalledExactlyOnceWith(applied)
  },
)

test('the DTLS role in an answer is applied as it is', async () => {
  const { clock, a } = ends()
  void a.offer()
  await clock.advance(100)
  const described = { value: { type: 'answer', sdp: 'a=setup:passive' } }
  Object.defineProperty(a.pc, 'currentRemoteDescription', described)
  const apply = vi.spyOn(a.pc, 'setRemoteDescription').mockResolvedValue()
  const answer = { type: 'answer', sdp: 'a=setup:active\r\n' } as const
  void a.receive({ type: 'description', description: answer })
  await clock.advance(100)
  expect(apply).toHaveBeenCalledExactlyOnceWith(answer)
})
