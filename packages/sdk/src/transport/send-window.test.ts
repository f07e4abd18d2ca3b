import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { SendWindow } from './send-window.ts'

const kibibyte = 1024
const smallest = 224 * kibibyte
const largest = 4 * 1024 * kibibyte
const frameBytes = 64 * kibibyte

/** A path of which each frame takes its share of the rate, in order, and half a trip each way. */
interface Path {
  readonly bytesPerMs: number
  readonly tripMs: number
  /** Acknowledgements come together, so often. */
  readonly bunchMs?: number
}

/** Sends as much as the window allows for so long; gives the bytes a ms that arrived, and the last trip. */
const run = (
  window: SendWindow,
  { bytesPerMs, tripMs, bunchMs = 0 }: Path,
  { from, forMs }: { from: number; forMs: number },
) => {
  const acks: { at: number; total: number; sentAt: number }[] = []
  let now = from
  let freeAt = from
  let total = sent.get(window) ?? 0
  let arrived = 0
  let lastTripMs = 0
  while (now < from + forMs) {
    while (window.bytes < window.windowBytes) {
      window.sent(frameBytes, [], now)
      total += frameBytes
      freeAt = Math.max(freeAt, now) + frameBytes / bytesPerMs
      const at = freeAt + tripMs
      acks.push({ at: (bunchMs && Math.ceil(at / bunchMs) * bunchMs) || at, total, sentAt: now })
    }
    const next = acks.shift()
    if (!next) break
    now = next.at
    lastTripMs = now - next.sentAt
    arrived += frameBytes
    expect(window.acked(next.total, now)).toEqual([])
    expect(window.windowBytes).toBeGreaterThanOrEqual(smallest / 2)
    expect(window.windowBytes).toBeLessThanOrEqual(largest)
  }
  // What is on its way arrives: the next run begins with an idle path.
  for (const { total: all, at } of acks) window.acked(all, at)
  sent.set(window, total)
  return { bytesPerMs: arrived / (now - from), lastTripMs, now }
}

const sent = new WeakMap<SendWindow, number>()

for (const [what, path] of [
  ['a long line', { bytesPerMs: 5_000, tripMs: 200 }],
  ['40 ms', { bytesPerMs: 10_000, tripMs: 40 }],
  ['a slow line', { bytesPerMs: 100, tripMs: 100 }],
  ['a short path', { bytesPerMs: 20_000, tripMs: 0.5 }],
] as const) {
  test(`${what} is filled, and its queue stays short`, () => {
    const window = new SendWindow()
    const warm = run(window, path, { from: 0, forMs: 100 * path.tripMs + 1_000 })
    const { bytesPerMs, lastTripMs } = run(window, path, { from: warm.now + 1_000, forMs: 5_000 })
    expect(bytesPerMs).toBeGreaterThan(0.95 * Math.min(path.bytesPerMs, largest / path.tripMs))
    // What a small message has to wait for: the smallest window, or a quarter of a trip.
    const queueMs = smallest / path.bytesPerMs + path.tripMs / 2
    expect(lastTripMs).toBeLessThan(path.tripMs + queueMs + frameBytes / path.bytesPerMs)
  })
}

for (const [what, bunchMs] of [
  ['one by one', 0],
  ['in bunches', 7],
] as const) {
  test(`minutes of data on a short path widen nothing: acknowledged ${what}`, () => {
    const window = new SendWindow()
    const path = { bytesPerMs: 30_000, tripMs: 2, bunchMs }
    run(window, path, { from: 0, forMs: 180_000 })
    expect(window.windowBytes).toBeLessThanOrEqual(256 * kibibyte)
  })
}

test('a trip that becomes longer for ever is noticed, and one that becomes shorter too', () => {
  const window = new SendWindow()
  const short = { bytesPerMs: 10_000, tripMs: 10 }
  const long = { bytesPerMs: 10_000, tripMs: 100 }
  const { now } = run(window, short, { from: 0, forMs: 3_000 })
  const later = run(window, long, { from: now, forMs: 30_000 })
  const filled = run(window, long, { from: later.now, forMs: 5_000 })
  expect(filled.bytesPerMs).toBeGreaterThan(0.9 * long.bytesPerMs)
  const { lastTripMs } = run(window, short, { from: filled.now, forMs: 5_000 })
  expect(lastTripMs).toBeLessThan(10 + smallest / short.bytesPerMs + 10)
})

test('a peer can acknowledge no more than was sent, and no less than before', () => {
  const window = new SendWindow()
  window.sent(100, [], 0)
  window.sent(100, [], 1)
  expect(window.acked(150, 2)).toEqual([])
  expect(window.acked(140, 3)).toBe(null)
  expect(window.acked(201, 3)).toBe(null)
  expect(window.bytes).toBe(50)
  expect(window.acked(200, 3)).toEqual([])
  expect(window.bytes).toBe(0)
})

test('however acknowledgements come, the window stays within its bounds', () => {
  const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)
  console.log(`windows: SKEIN_SEED=${seed}`)
  const random = seededRandom(seed)
  for (let round = 0; round < 200; round += 1) {
    const window = new SendWindow()
    let now = 0
    let total = 0
    let acked = 0
    for (let count = 0; count < 200; count += 1) {
      now += random() ** 6 * 20_000
      const bytes = 1 + Math.floor(random() * frameBytes)
      window.sent(bytes, [], now)
      total += bytes
      if (random() < 0.5) acked += Math.floor(random() * (total - acked))
      expect(window.acked(acked, now + random() * 10)).toEqual([])
      expect(window.bytes).toBe(total - acked)
      expect(window.windowBytes).toBeGreaterThanOrEqual(smallest / 2)
      expect(window.windowBytes).toBeLessThanOrEqual(largest)
    }
  }
})
