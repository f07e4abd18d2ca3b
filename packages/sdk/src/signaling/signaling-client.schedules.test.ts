import type { PeerId, ServerMessage, WelcomeMessage } from '@skein/protocol'
import { expect, test } from 'vitest'
import { type FakeSignaling, fakeSignaling } from '../testing/fake-signaling.ts'
import { runSchedules, timeout } from '../testing/schedules.testing.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { createSignalingClient } from './signaling-client.ts'

const names = ['ann', 'ben', 'cid'] as const

interface World {
  readonly clock: VirtualClock
  readonly signaling: FakeSignaling
  readonly random: () => number
}

/** A client, and the room as its messages describe it. */
const connect = (name: string, { clock, signaling, random }: World) => {
  const view = { self: '', host: null as PeerId | null, term: 0, peers: new Set<string>() }
  const problems: string[] = []
  let revision = 0
  const apply = (message: ServerMessage) => {
    if (message.type === 'peer-joined') view.peers.add(message.peer.id)
    if (message.type === 'peer-left') view.peers.delete(message.id)
    if (message.type === 'host') Object.assign(view, { host: message.host, term: message.term })
    if (!('revision' in message)) return
    if (message.revision !== revision + 1) problems.push(`${revision} → ${message.revision}`)
    revision = message.revision
  }
  const client = createSignalingClient({
    url: 'ws://fake/ws',
    room: 'blue-door',
    presence: { name },
    canHost: true,
    priority: 0,
    token: null,
    WebSocket: signaling.port(name),
    clock,
    random,
    timeoutMs: 600_000,
    seat: null,
    knock: async () => false,
    isBusy: () => false,
    isBroken: () => false,
    sendBeacon: () => {},
    observer: {
      welcomed: ({ self, host, term, peers, ...welcome }: WelcomeMessage) => {
        revision = welcome.revision
        Object.assign(view, { self: self.id, host, term })
        view.peers = new Set(peers.map(({ id }) => id))
      },
      received: apply,
      reached: () => {},
      onlineChanged: () => {},
      closed: (error) => problems.push(String(error)),
    },
  })
  return { client, view, problems }
}

const injectFault = (world: World): void => {
  const { signaling, random } = world
  const name = names[Math.floor(random() * names.length)] ?? 'ann'
  const faults = [
    () => signaling.cut(name),
    () => signaling.restore(name),
    () => signaling.drop(name),
    () => signaling.stop(),
    () => signaling.start(),
  ]
  faults[Math.floor(random() * faults.length)]?.()
}

const run = async (seed: number) => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const world = { clock, random, signaling: fakeSignaling({ clock, random, maxDelayMs: 200 }) }
  const peers = names.map((name) => connect(name, world))
  for (let step = 0; step < 8; step += 1) {
    await clock.advance(random() * 15_000)
    injectFault(world)
  }
  for (const name of names) world.signaling.restore(name)
  world.signaling.start()
  await clock.advance(120_000)
  const ids = peers.map(({ view }) => view.self).sort()
  for (const { client, view, problems } of peers) {
    expect(problems).toEqual([])
    expect(client.isOnline).toBe(true)
    expect([view.self, ...view.peers].sort()).toEqual(ids)
    expect([view.host, view.term]).toEqual([peers[0]?.view.host, peers[0]?.view.term])
  }
  for (const { client } of peers) client.close({ leave: true })
}

test(
  'after any faults of sockets, paths and the server all clients are online and agree',
  {
    timeout,
  },
  () => runSchedules({ name: 'signaling schedules', runs: { short: 300, long: 10_000 } }, run),
)
