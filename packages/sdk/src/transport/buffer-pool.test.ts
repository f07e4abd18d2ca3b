import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { acquireCopy, release } from './buffer-pool.ts'
import { encodePayload } from './payload.ts'
import { messageOf, type TransportPair, transportPair } from './peer-transport-pair.testing.ts'

const kibibyte = 1024

const releaseBody = (body: Uint8Array) => release({ ...encodePayload(''), body, holders: 1 })

test('a released buffer is reused for the next copy that fits', () => {
  const first = acquireCopy(new Uint8Array(100 * kibibyte).fill(1))
  releaseBody(first)
  const next = acquireCopy(new Uint8Array(90 * kibibyte).fill(2))
  expect(next.buffer).toBe(first.buffer)
  expect(next).toEqual(new Uint8Array(90 * kibibyte).fill(2))
  expect(acquireCopy(new Uint8Array(90 * kibibyte)).buffer).not.toBe(first.buffer)
  releaseBody(next)
  const larger = acquireCopy(new Uint8Array(110 * kibibyte).fill(3))
  expect(larger.buffer).not.toBe(first.buffer)
  expect(larger).toEqual(new Uint8Array(110 * kibibyte).fill(3))
})

test('the pool keeps the last eight released buffers', () => {
  const copies = Array.from({ length: 20 }, () => acquireCopy(new Uint8Array(64 * kibibyte)))
  for (const copy of copies) releaseBody(copy)
  const again = copies.map(() => acquireCopy(new Uint8Array(64 * kibibyte)))
  const numbers = again.map(({ buffer }) => copies.findIndex((copy) => copy.buffer === buffer))
  expect(numbers).toEqual([19, 18, 17, 16, 15, 14, 13, 12, ...new Array(12).fill(-1)])
})

test('no buffer is reused before every peer has received its message, despite interruptions', async () => {
  const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)
  console.log(`copies: SKEIN_SEED=${seed}`)
  const random = seededRandom(seed)
  const pairs = [transportPair(random), transportPair(random)]
  for (const { connect } of pairs) connect()
  const buffers = new Set<ArrayBufferLike>()
  const sizes = Array.from({ length: 150 }, () => Math.floor((16 + random() * 150) * kibibyte))
  for (const [number, size] of sizes.entries()) {
    const message = messageOf(new Uint8Array(size).fill(number))
    if (message.body instanceof Uint8Array) buffers.add(message.body.buffer)
    for (const { a } of pairs) a.transport.send(message, false)
    for (const pair of pairs) await deliverWithInterruptions(pair, random)
  }
  for (const { settle, b } of pairs) {
    await settle()
    const received = b.received.map(({ data }) => data as Uint8Array)
    expect(received.map(({ length }) => length)).toEqual(sizes)
    expect(received.map((bytes, number) => bytes.every((byte) => byte === number))).not.toContain(
      false,
    )
  }
  expect(buffers.size).toBeLessThan(100)
})

const deliverWithInterruptions = async (
  pair: TransportPair,
  random: () => number,
): Promise<void> => {
  for (let steps = Math.floor(random() * 12); steps > 0; steps -= 1) await pair.step()
  if (random() > 0.1) return
  pair.interrupt()
  pair.connect()
}
