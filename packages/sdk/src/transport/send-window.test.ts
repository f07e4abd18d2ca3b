import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { SendWindow } from './send-window.ts'

const kibibyte = 1024
const minWindowBytes = 224 * kibibyte
const maxWindowBytes = 4 * 1024 * kibibyte
const frameBytes = 64 * kibibyte

/** A path that delivers frames in order, at a fixed rate and with a fixed round trip. */
interface Path {
  readonly bytesPerMs: number
  readonly tripMs: number
  /** Acknowledgements arrive in bursts at this interval. */
  readonly burstMs?: number
}

/** Sends as much as the window allows; returns the delivery rate and the last round trip. */
const run = (
  window: SendWindow,
  { bytesPerMs, tripMs, burstMs = 0 }: Path,
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
      window.onSent(frameBytes, [], now)
      total += frameBytes
      freeAt = Math.max(freeAt, now) + frameBytes / bytesPerMs
      const at = freeAt + tripMs
      acks.push({ at: (burstMs && Math.ceil(at / burstMs) * burstMs) || at, total, sentAt: now })
    }
    const next = acks.shift()
    if (!next) break
    now = next.at
    lastTripMs = now - next.sentAt
    arrived += frameBytes
    expect(window.onAck(next.total, now)).toEqual([])
    expect(window.windowBytes).toBeGreaterThanOrEqual(minWindowBytes / 2)
    expect(window.windowBytes).toBeLessThanOrEqual(maxWindowBytes)
  }
  // Everything in flight arrives: the next run begins with an idle path.
  for (const { total: all, at } of acks) window.onAck(all, at)
  sent.set(window, total)
  return { bytesPerMs: arrived / (now - from), lastTripMs, now }
}

const sent = new WeakMap<SendWindow, number>()

for (const [what, path] of [
  ['a long path', { bytesPerMs: 5_000, tripMs: 200 }],
  ['a path of 40 ms', { bytesPerMs: 10_000, tripMs: 40 }],
  ['a slow path', { bytesPerMs: 100, tripMs: 100 }],
  ['a short path', { bytesPerMs: 20_000, tripMs: 0.5 }],
] as const) {
  test(`the window fills ${what}, and its queue stays short`, () => {
    const window = new SendWindow()
    const warm = run(window, path, { from: 0, forMs: 100 * path.tripMs + 1_000 })
    const { bytesPerMs, lastTripMs } = run(window, path, { from: warm.now + 1_000, forMs: 5_000 })
    expect(bytesPerMs).toBeGreaterThan(
      0.95 * Math.min(path.bytesPerMs, maxWindowBytes / path.tripMs),
    )
    // The longest queueing delay of a small message.
    const queueMs = minWindowBytes / path.bytesPerMs + path.tripMs / 2
    expect(lastTripMs).toBeLessThan(path.tripMs + queueMs + frameBytes / path.bytesPerMs)
  })
}

for (const [what, burstMs] of [
  ['one by one', 0],
  ['in bursts', 7],
] as const) {
  test(`on a short path the window stays small for minutes, with acknowledgements ${what}`, () => {
    const window = new SendWindow()
    const path = { bytesPerMs: 30_000, tripMs: 2, burstMs }
    run(window, path, { from: 0, forMs: 180_000 })
    expect(window.windowBytes).toBeLessThanOrEqual(256 * kibibyte)
  })
}

test('the window adapts when the round trip becomes longer or shorter', () => {
  const window = new SendWindow()
  const short = { bytesPerMs: 10_000, tripMs: 10 }
  const long = { bytesPerMs: 10_000, tripMs: 100 }
  const { now } = run(window, short, { from: 0, forMs: 3_000 })
  const later = run(window, long, { from: now, forMs: 30_000 })
  const filled = run(window, long, { from: later.now, forMs: 5_000 })
  expect(filled.bytesPerMs).toBeGreaterThan(0.9 * long.bytesPerMs)
  const { lastTripMs } = run(window, short, { from: filled.now, forMs: 5_000 })
  expect(lastTripMs).toBeLessThan(10 + minWindowBytes / short.bytesPerMs + 10)
})

test('an ack beyond what was sent or below the last one is invalid', () => {
  const window = new SendWindow()
  window.onSent(100, [], 0)
  window.onSent(100, [], 1)
  expect(window.onAck(150, 2)).toEqual([])
  expect(window.onAck(140, 3)).toBe(null)
  expect(window.onAck(201, 3)).toBe(null)
  expect(window.bytes).toBe(50)
  expect(window.onAck(200, 3)).toEqual([])
  expect(window.bytes).toBe(0)
})

test('the window stays within its bounds with random acknowledgements', () => {
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
      window.onSent(bytes, [], now)
      total += bytes
      if (random() < 0.5) acked += Math.floor(random() * (total - acked))
      expect(window.onAck(acked, now + random() * 10)).toEqual([])
      expect(window.bytes).toBe(total - acked)
      expect(window.windowBytes).toBeGreaterThanOrEqual(minWindowBytes / 2)
      expect(window.windowBytes).toBeLessThanOrEqual(maxWindowBytes)
    }
  }
})
