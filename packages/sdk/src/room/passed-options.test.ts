import { peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { ChannelMux, type ChannelMuxOptions } from '../channel/channel-mux.ts'
import { connectEarly } from '../signaling/early-client.ts'
import { fakeWorld } from './fake-world.testing.ts'
import * as features from './lazy-features.ts'
import { Links, type LinksOptions } from './links.ts'
import { readOptions } from './options.ts'
import { LiveRoom } from './room.ts'
import { emptyRoster } from './roster.ts'

/** Options of a room that record each read of those that are meant for the server alone. */
const watchedOptions = () => {
  const { clock, network, signaling } = fakeWorld()
  const settings = readOptions({
    url: 'ws://fake.test/ws',
    room: 'blue-door',
    token: 'secret',
    RTCPeerConnection: network.port('ann'),
    WebSocket: signaling.port('ann'),
  })
  const reads: string[] = []
  for (const name of ['url', 'token'] as const) {
    const value = settings[name]
    const get = () => {
      reads.push(name)
      return value
    }
    Object.defineProperty(settings, name, { enumerable: true, get })
  }
  const loadLazyFeatures = () => Promise.resolve(features)
  const { connect } = connectEarly({
    ...settings,
    clock,
    random: () => 0.5,
    knock: async () => false,
    sendBeacon: () => {},
    seat: null,
  })
  reads.length = 0
  return {
    clock,
    reads,
    options: Object.assign(settings, {
      clock,
      random: () => 0.5,
      loadLazyFeatures,
      connect,
    }),
  }
}

test('a room reads neither the token nor the URL: only its signaling client does', async () => {
  const { clock, options, reads } = watchedOptions()
  const room = new LiveRoom(options)
  room.asHost(() => {})
  await clock.until(() => room.isHost)
  await room.leave()
  expect(reads).toEqual([])
})

test('links and transports are given the options that they declare, and no others', async () => {
  const { options, reads } = watchedOptions()
  const attached: string[][] = []
  class RecordingMux extends ChannelMux {
    override attach(...[peer, passed]: Parameters<ChannelMux['attach']>) {
      attached.push(Object.keys(passed).sort())
      return super.attach(peer, passed)
    }
  }
  const self = { ...emptyRoster.me, id: peerId('ann') }
  const other = { ...emptyRoster.me, id: peerId('ben'), joinOrder: 1 }
  const view = () => ({
    ...emptyRoster,
    self: self.id,
    me: self,
    peers: new Map([[other.id, other]]),
  })
  const unused = () => {
    throw new Error('not expected here')
  }
  const muxOptions: ChannelMuxOptions = {
    clock: options.clock,
    maxMessageBytes: 1,
    view,
    error: unused,
    wanted: unused,
    heard: unused,
    serverIsBack: unused,
    toHost: unused,
    undelivered: unused,
  }
  const links = new Links(
    Object.assign(options, {
      mux: new RecordingMux(muxOptions),
      view,
      signaling: { isOnline: true, send: () => true, check: unused, renew: unused },
      unreliableChannels: () => null,
      mesh: () => null,
      readPath: async () => null,
      onChange: () => {},
      onError: unused,
    }) satisfies LinksOptions,
  )
  links.sync()
  links.closeAll()
  expect(attached).toEqual([['random', 'unreliable', 'violated']])
  expect(reads).toEqual([])
})
