import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { linkPair } from './link-pair.testing.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

test('a peer that calls from ever new connections makes me replace mine five times in 10 s', async () => {
  const clock = virtualClock()
  const Port = new FakeNetwork({ clock }).port('a')
  let made = 0
  class Counted extends Port {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      made += 1
    }
  }
  const quiet = () => {}
  const link = createPeerLink({
    peer: peerId('b'),
    isPolite: false,
    rtc: {},
    iceServers: [],
    readPath,
    RTCPeerConnection: Counted,
    clock,
    random: Math.random,
    observer: {
      signal: quiet,
      statusChanged: quiet,
      opened: quiet,
      interrupted: quiet,
      frame: quiet,
    },
  })
  const candidate = { candidate: 'x' }
  const call = (local: string) =>
    link.receive({ link: { local, remote: null }, type: 'candidate', candidate })
  for (let round = 0; round < 1_000; round += 1) call(`new ${round}`)
  expect(made).toBe(5)
  await clock.advance(10_000)
  for (let round = 0; round < 1_000; round += 1) call(`newer ${round}`)
  expect(made).toBe(10)
  link.close()
})

test('one who was called from many connections takes the true one in the end', async () => {
  const pair = linkPair({ seed: 8 })
  for (let round = 0; round < 100; round += 1) {
    const data = { link: { local: `new ${round}`, remote: null }, type: 'candidate' } as const
    pair.a.link.receive({ ...data, candidate: { candidate: 'x' } })
  }
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 30_000 })
})
