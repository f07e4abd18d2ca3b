import { expect, test } from 'vitest'
import { runSchedules, timeout } from '../testing/schedules.testing.ts'
import { type LinkPair, linkPair } from './link-pair.testing.ts'

type Fault = (pair: LinkPair) => void

const pick = <Item>(random: () => number, items: readonly Item[]): Item | undefined =>
  items[Math.floor(random() * items.length)]

const faults: readonly Fault[] = [
  ({ network }) => network.cut('a', 'b'),
  ({ network }) => network.restore('a', 'b'),
  ({ network }) => network.move('a'),
  ({ network }) => network.move('b'),
  ({ network, random }) => pick(random, network.connections())?.close(),
  ({ network, random }) => pick(random, network.connections())?.restartIce(),
  ({ signaling }) => {
    signaling.isUp = false
  },
  ({ signaling }) => {
    signaling.isUp = true
  },
  ({ a }) => a.link.probe(),
  ({ b }) => b.link.probe(),
  ({ a }) => a.link.setIceServers([{ urls: 'turn:192.0.2.1' }]),
]

/** Both ends are open, and frames sent now on the main frame channels arrive. */
const expectTalk = async ({ a, b, clock }: LinkPair) => {
  expect([a.link.status.state, b.link.status.state]).toEqual(['open', 'open'])
  const [fromA, fromB] = [a.frames.length, b.frames.length]
  a.main?.send(new Uint8Array([1]))
  b.main?.send(new Uint8Array([2]))
  await clock.until(() => a.frames.length > fromA && b.frames.length > fromB)
}

const run = async (seed: number, explicit: readonly ('a' | 'b')[], canRestart = true) => {
  const pair = linkPair({ seed, explicit, maxDelayMs: 1 + (seed % 5) * 60 })
  const { clock, random, network, signaling } = pair
  const usable = canRestart ? faults : faults.filter((fault) => !/restartIce/.test(String(fault)))
  for (let step = 0; step < 6; step += 1) {
    await clock.advance(random() * 12_000)
    pick(random, usable)?.(pair)
  }
  network.restore('a', 'b')
  signaling.isUp = true
  await clock.until(() => pair.a.isOpen && pair.b.isOpen, { limitMs: 300_000 })
  // A repair in progress may replace the connection once more.
  await clock.advance(90_000)
  await expectTalk(pair)
  expect(network.connections()).toHaveLength(2)
  pair.a.link.close()
  pair.b.link.close()
  await clock.advance(1_000)
  expect(network.connections()).toHaveLength(0)
  expect(clock.pending).toBe(0)
}

const runAll = (explicit: readonly ('a' | 'b')[], canRestart = true) =>
  runSchedules({ name: 'link schedules', runs: { short: 400, long: 5_000 } }, (seed) =>
    run(seed, explicit, canRestart),
  )

test(
  'two browsers reconnect after any faults of path, connections and signaling',
  {
    timeout,
  },
  () => runAll([]),
)
test('a browser and a Node peer that makes the first offer reconnect', { timeout }, () =>
  runAll(['b'], false),
)
test('a Node peer and a browser that makes the first offer reconnect', { timeout }, () =>
  runAll(['a'], false),
)
test('two Node peers reconnect', { timeout }, () => runAll(['a', 'b'], false))
