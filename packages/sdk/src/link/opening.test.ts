import { test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

/** What makes connections as `Made` does, which never get around to saying that they are connected. */
const late = (Made: typeof RTCPeerConnection): typeof RTCPeerConnection =>
  new Proxy(Made, {
    construct: (_, [configuration]) =>
      new Proxy(new Made(configuration), {
        get: (connection, name) => {
          const value: unknown = Reflect.get(connection, name, connection)
          if (name === 'connectionState') return 'connecting'
          return typeof value === 'function' ? value.bind(connection) : value
        },
        set: (connection, name, value) => Reflect.set(connection, name, value, connection),
      }),
  })

test('a link is open as soon as its channel is, though the connection says so later', async () => {
  const { clock, network, begin, gather } = fakeWorld()
  await gather(['ann'])
  const rooms: Room[] = []
  const joining = begin('ben', { RTCPeerConnection: late(network.port('ben')) })
  void joining.then((ben) => rooms.push(ben))
  const state = () => [...(rooms[0]?.peers.values() ?? [])][0]?.link?.state
  await clock.until(() => state() === 'open')
})
