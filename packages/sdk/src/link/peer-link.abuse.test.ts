import { expect, test } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { linkPair } from './link-pair.testing.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

test('a peer that keeps opening new connections makes a link replace its own five times in 10 s', async () => {
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
    RTCPeerConnection: Counted,
    clock,
    random: Math.random,
    observer: {
      signal: ignore,
      statusChanged: ignore,
      opened: ignore,
      interrupted: ignore,
      frame: ignore,
    },
  })
  const candidate = { candidate: 'x' }
  const signalFrom = (local: string) =>
    link.receive({ link: { local, remote: null }, type: 'candidate', candidate })
  for (let round = 0; round < 1_000; round += 1) signalFrom(`new ${round}`)
  expect(created).toBe(5)
  await clock.advance(10_000)
  for (let round = 0; round < 1_000; round += 1) signalFrom(`newer ${round}`)
  expect(created).toBe(10)
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
