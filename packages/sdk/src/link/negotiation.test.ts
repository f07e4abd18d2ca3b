import { expect, test, vi } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { parseControl } from './control.ts'
import { Negotiation, type NegotiationMessage } from './negotiation.ts'

/** A negotiation without channels of a link. */
class End extends Negotiation {
  readonly said: NegotiationMessage[] = []

  protected override say(message: NegotiationMessage): void {
    this.said.push(message)
  }

  override makeChannels(): void {
    // An answer needs none.
  }

  protected override replace(): never {
    throw new Error('a browser need not be replaced')
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

/** The description that this end makes by itself. */
const latest = ({ said }: End): NegotiationMessage => {
  const message = said.findLast(({ type }) => type === 'description')
  if (!message) throw new Error('nothing was said')
  return message
}

test('of the candidates that come before a description, a bounded number is held', async () => {
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

test('a late copy of one of the latest descriptions is known, however many there were', async () => {
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

test('in band, what is longer than a frame to the server is not read', () => {
  const message = (sdp: string) =>
    JSON.stringify({ type: 'description', description: { type: 'offer', sdp } })
  expect(parseControl(message('x'.repeat(60_000)))).not.toBeNull()
  expect(parseControl(message('x'.repeat(70_000)))).toBeNull()
})
