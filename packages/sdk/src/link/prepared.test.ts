import { type IceServer, peerId } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import { FakeNetwork } from '../testing/fake-network.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { linkPair } from './link-pair.testing.ts'
import { createPeerLink } from './peer-link.ts'
import { prepareCall } from './prepared.ts'
import { readPath } from './stats.ts'

test('a call that was prepared without servers is not made where there are some', async () => {
  const clock = virtualClock()
  const network = new FakeNetwork({ clock })
  const quiet = () => {}
  const ports = { clock, random: Math.random, RTCPeerConnection: network.port('b') }
  const takePrepared = prepareCall({ ...ports, configuration: {} })
  const make = (iceServers: readonly IceServer[]) =>
    createPeerLink({
      ...ports,
      peer: peerId('a'),
      isPolite: true,
      rtc: {},
      iceServers,
      readPath,
      observer: {
        signal: quiet,
        statusChanged: quiet,
        opened: quiet,
        interrupted: quiet,
        frame: quiet,
      },
      takePrepared,
    })
  const [prepared] = network.connections()
  const served = make([{ urls: 'stun:192.0.2.1' }])
  expect(network.connections().length).toBe(2)
  served.close()
  await clock.advance(1_000)
  expect(network.connections()).toEqual([prepared])
  make([]).close()
  await clock.advance(1_000)
  expect(network.connections()).toEqual([])
})

test('who is called has a connection for it beforehand, which closes with the link', async () => {
  const pair = linkPair({ seed: 9 })
  pair.signaling.isUp = false
  const [prepared] = pair.network.connections('a')
  await pair.clock.advance(1_000)
  expect(prepared?.signalingState).toBe('stable')
  pair.signaling.isUp = true
  await pair.clock.until(() => pair.a.isOpen && pair.b.isOpen)
  expect(pair.network.connections('a')).toEqual([prepared])
  const lonely = linkPair({ seed: 9 })
  lonely.a.link.close()
  await lonely.clock.advance(1_000)
  expect(lonely.network.connections('a')).toEqual([])
})

test('one that waits for a call gathers with the servers that came meanwhile', () => {
  const pair = linkPair({ seed: 9 })
  const [prepared] = pair.network.connections('a')
  if (!prepared) throw new Error('none is prepared')
  const configure = vi.spyOn(prepared, 'setConfiguration')
  pair.a.link.setIceServers([{ urls: 'stun:192.0.2.1' }])
  expect(configure).toHaveBeenCalledWith({ iceServers: [{ urls: 'stun:192.0.2.1' }] })
})
