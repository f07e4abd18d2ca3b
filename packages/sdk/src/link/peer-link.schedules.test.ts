import { expect, test } from 'vitest'
import { type LinkPair, linkPair } from './link-pair.testing.ts'

/** `SKEIN_LONG=1`: many more, and others each time; `SKEIN_SEED=7` begins with that one. */
const isLong = process.env.SKEIN_LONG === '1'
const runs = isLong ? 5_000 : 400
const timeout = isLong ? 600_000 : 60_000
const first = Number(process.env.SKEIN_SEED ?? (isLong ? Date.now() % 2 ** 31 : 1))

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

/** Both ends are open, and what is sent now on the main carriers arrives. */
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
  // A repair that was under way may replace the connection once more; then it is quiet.
  await clock.advance(90_000)
  await expectTalk(pair)
  expect(network.connections()).toHaveLength(2)
  pair.a.link.close()
  pair.b.link.close()
  await clock.advance(1_000)
  expect(network.connections()).toHaveLength(0)
  expect(clock.pending).toBe(0)
}

const runAll = async (explicit: readonly ('a' | 'b')[], canRestart = true) => {
  for (let seed = first; seed < first + runs; seed += 1) {
    try {
      await run(seed, explicit, canRestart)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  console.log(`link schedules: seeds ${first} to ${first + runs - 1}`)
}

test(
  'whatever befalls path, connections and signaling, two browsers find each other again',
  {
    timeout,
  },
  () => runAll([]),
)
test('so do a browser that is called and a Node peer that calls', { timeout }, () =>
  runAll(['b'], false),
)
test('so do a Node peer that is called and a browser that calls', { timeout }, () =>
  runAll(['a'], false),
)
test('so do two Node peers', { timeout }, () => runAll(['a', 'b'], false))
