import type { IceServer } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { linkPair } from './link-pair.testing.ts'
import { createPeerLink } from './peer-link.ts'
import { preCreateOffer } from './pre-created.ts'
import { readPath } from './stats.ts'

test('a pre-created offer is not used if the welcome has ICE servers', async () => {
  const clock = virtualClock()
  const network = new FakeNetwork({ clock })
  const ignore = () => {}
  const ports = { clock, random: Math.random, RTCPeerConnection: network.port('b') }
  const takePreCreated = preCreateOffer({ ...ports, configuration: {}, isPolite: true })
  const make = (iceServers: readonly IceServer[]) =>
    createPeerLink({
      ...ports,
      isPolite: true,
      rtc: {},
      iceServers,
      readPath,
      server: { check: () => {}, renew: () => {} },
      mayCall: () => true,
      observer: {
        signal: ignore,
        statusChanged: ignore,
        opened: ignore,
        interrupted: ignore,
        frame: ignore,
        attemptEnded: ignore,
      },
      takePreCreated,
    })
  const [preCreated] = network.connections()
  const link = make([{ urls: 'stun:192.0.2.1' }])
  expect(network.connections().length).toBe(2)
  link.close()
  await clock.advance(1_000)
  expect(network.connections()).toEqual([preCreated])
  make([]).close()
  await clock.advance(1_000)
  expect(network.connections()).toEqual([])
})

test('the impolite peer pre-creates its connection, which closes with the link', async () => {
  const pair = linkPair({ seed: 9 })
  pair.signaling.isUp = false
  const [preCreated] = pair.network.connections('a')
  await pair.clock.advance(1_000)
  expect(preCreated?.signalingState).toBe('stable')
  pair.signaling.isUp = true
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen)
  expect(pair.network.connections('a')).toEqual([preCreated])
  const unused = linkPair({ seed: 9 })
  unused.a.link.close()
  await unused.clock.advance(1_000)
  expect(unused.network.connections('a')).toEqual([])
})

test('a pre-created connection gets ICE servers that arrive before it is used', () => {
  const pair = linkPair({ seed: 9 })
  const [preCreated] = pair.network.connections('a')
  if (!preCreated) throw new Error('no connection was pre-created')
  const configure = vi.spyOn(preCreated, 'setConfiguration')
  pair.a.link.setIceServers([{ urls: 'stun:192.0.2.1' }])
  expect(configure).toHaveBeenCalledWith({ iceServers: [{ urls: 'stun:192.0.2.1' }] })
})
