import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'
import { insidesOf } from './insides.ts'
import { localNetworkPermission } from './local-network.ts'

interface FakePermission {
  state: PermissionState
  onchange: (() => void) | null
}

/** A browser with a permission of that name. What it refuses, it refuses as Firefox does. */
const browserWith = (known: string, state: PermissionState) => {
  const permissions: FakePermission[] = []
  const query = async ({ name }: { readonly name: string }) => {
    if (name !== known) throw new TypeError(`${name} is not a valid value`)
    const permission = { state, onchange: null }
    permissions.push(permission)
    return permission
  }
  Object.defineProperty(navigator, 'permissions', { configurable: true, value: { query } })
  return {
    answer: (answered: PermissionState) => {
      for (const permission of permissions) {
        permission.state = answered
        permission.onchange?.()
      }
    },
  }
}

afterEach(() => {
  Reflect.deleteProperty(navigator, 'permissions')
})

/** Two members without a path, after the first connection has failed. */
const failedPair = async (seed = 2) => {
  const world = fakeWorld(seed)
  world.network.cut('ann', 'ben')
  const rooms: Room[] = []
  for (const name of ['ann', 'ben']) {
    void world.begin(name).then((room) => rooms.push(room))
  }
  await world.clock.until(() => rooms.length === 2)
  const states = () =>
    rooms.flatMap((room) => [...room.peers.values()].map(({ link }) => link?.state))
  await world.clock.until(() => states().filter((state) => state === 'failed').length === 2)
  const kept = () =>
    rooms.map((room) => {
      const [id] = room.peers.keys()
      const link = id ? insidesOf(room)?.links.get(id) : null
      const connections = link ? [...link.connections] : []
      return connections.filter(({ pc }) => pc?.connectionState === 'failed').length
    })
  return { ...world, rooms, states, kept }
}

test('a connection that waits for the permission is kept, and opens without the server', async () => {
  const { answer } = browserWith('local-network', 'prompt')
  const { clock, network, signaling, states, kept } = await failedPair()
  expect(kept()).toEqual([1, 1])
  signaling.cut('ann')
  signaling.cut('ben')
  // The user allows it: the browser goes on with the candidates that it held back.
  network.restore('ann', 'ben')
  answer('granted')
  const before = clock.now()
  await clock.until(() => states().every((state) => state === 'open'))
  expect(clock.now() - before).toBeLessThan(1_000)
})

test('when the permission is granted, failed links retry at once', async () => {
  const { answer } = browserWith('local-network-access', 'prompt')
  const { clock, states, network, rooms } = await failedPair()
  // The other side has no such permission, and has thrown its connection away.
  const other = rooms[1]
  const link = other && insidesOf(other)?.links.all()[0]
  if (!link) throw new Error('no link')
  for (const { pc } of link.connections) pc?.close()
  await clock.advance(1)
  network.restore('ann', 'ben')
  answer('granted')
  const before = clock.now()
  await clock.until(() => states().every((state) => state === 'open'))
  expect(clock.now() - before).toBeLessThan(1_000)
})

test('of the attempts that fail while the browser waits, the newest is kept', async () => {
  browserWith('local-network', 'prompt')
  const { clock, kept } = await failedPair()
  await clock.advance(120_000)
  expect(kept()).toEqual([1, 1])
})

test.for(['denied', 'granted'] as const)(
  'with the permission %s nothing is kept',
  async (state) => {
    browserWith('local-network', state)
    const { kept } = await failedPair()
    expect(kept()).toEqual([0, 0])
  },
)

test('browsers without the permission have none, and keep nothing', async () => {
  expect(await localNetworkPermission()).toBeNull()
  const { kept } = await failedPair()
  expect(kept()).toEqual([0, 0])
  browserWith('something-else', 'prompt')
  expect(await localNetworkPermission()).toBeNull()
})
