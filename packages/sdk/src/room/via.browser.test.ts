import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { enter, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

/**
 * A machine that cannot reach others of its kind: its candidates reach them, but theirs are dropped
 * on both sides. To everyone else it is an ordinary browser.
 */
class Blocked extends RTCPeerConnection {
  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.#isBlocked = description.sdp?.includes(mark) === true
    const sdp = this.#isBlocked ? withoutCandidates(description.sdp ?? '') : description.sdp
    await super.setRemoteDescription({ ...description, ...(sdp && { sdp }) })
  }

  override get localDescription(): RTCSessionDescription | null {
    const { type, sdp } = super.localDescription ?? {}
    return type && sdp ? new RTCSessionDescription({ type, sdp: `${sdp}${mark}` }) : null
  }

  override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    if (!this.#isBlocked) await super.addIceCandidate(candidate ?? undefined)
  }

  #isBlocked = false
}

/** An attribute that browsers ignore. */
const mark = 'a=x-blocked\r\n'

const withoutCandidates = (sdp: string): string =>
  sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '')

const linkBetween = (room: Room, other: Room) => room.peers.get(other.self.id)?.link ?? null

test('two pages that cannot reach each other talk through a third, sealed, and in order', async () => {
  const name = freshRoom()
  const cat = await enter(name)
  const ann = await enter(name, { RTCPeerConnection: Blocked })
  const ben = await enter(name, { RTCPeerConnection: Blocked })
  const isVia = (room: Room, other: Room) => linkBetween(room, other)?.path === 'via'
  await Promise.all([until(ann, () => isVia(ann, ben)), until(ben, () => isVia(ben, ann))])
  expect(linkBetween(ann, ben)).toMatchObject({ state: 'open', via: cat.self.id })
  expect(linkBetween(ann, cat)).toMatchObject({ state: 'open', via: null })
  const received: number[] = []
  const bytes = crypto.getRandomValues(new Uint8Array(60_000))
  let arrived: Uint8Array | null = null
  ben.channel<number>('numbers').on('message', ({ data }) => void received.push(data))
  ben.channel<Uint8Array>('bytes').on('message', ({ data }) => {
    arrived = data
  })
  const to = { to: ben.self.id, ack: true } as const
  const numbers = Array.from({ length: 500 }, (_, number) => number)
  await Promise.all(numbers.map((number) => ann.channel<number>('numbers').send(number, to)))
  expect(received).toEqual(numbers)
  // More than fits in one frame, 40 times: 2.4 MB.
  for (let round = 0; round < 40; round += 1) {
    await ann.channel<Uint8Array>('bytes').send(bytes, to)
    expect(arrived).toEqual(bytes)
  }
})
