import { test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

/** Connections of class `Base` whose `connectionState` never becomes `connected`. */
const neverConnected = (Base: typeof RTCPeerConnection): typeof RTCPeerConnection =>
  new Proxy(Base, {
    construct: (_, [configuration]) =>
      new Proxy(new Base(configuration), {
        get: (connection, name) => {
          const value: unknown = Reflect.get(connection, name, connection)
          if (name === 'connectionState') return 'connecting'
          return typeof value === 'function' ? value.bind(connection) : value
        },
        set: (connection, name, value) => Reflect.set(connection, name, value, connection),
      }),
  })

test('a link is open as soon as its main channel is, even if `connectionState` lags behind', async () => {
  const { clock, network, begin, gather } = fakeWorld()
  await gather(['ann'])
  const rooms: Room[] = []
  const joining = begin('ben', { RTCPeerConnection: neverConnected(network.port('ben')) })
  void joining.then((ben) => rooms.push(ben))
  const state = () => [...(rooms[0]?.peers.values() ?? [])][0]?.link?.state
  await clock.until(() => state() === 'open')
})
