import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockBytes, Joiner, nextChunk } from './chunks.ts'

test('pieces of any sizes, joined, are what they were', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 })
  fc.assert(
    fc.property(pieces, (all) => {
      const joiner = new Joiner((block) => [...block])
      for (const piece of all) joiner.append(piece)
      expect(joiner.finish().flat()).toEqual(all.flatMap((piece) => [...piece]))
      expect(joiner.size).toBe(all.reduce((sum, { length }) => sum + length, 0))
    }),
  )
})

test('blocks are sealed as they fill, and hold no more than was given', () => {
  const lengths: number[] = []
  const joiner = new Joiner((block) => lengths.push(block.buffer.byteLength))
  for (let sent = 0; sent < blockBytes * 2.5; sent += 50_000) joiner.append(new Uint8Array(50_000))
  expect(lengths.length).toBe(2)
  joiner.finish()
  for (const length of lengths) expect(length).toBeLessThanOrEqual(blockBytes)
})

test('single bytes take no more memory than twice what was sent', () => {
  const lengths: number[] = []
  const joiner = new Joiner((block) => lengths.push(block.buffer.byteLength))
  const frame = new Uint8Array(65_536)
  for (let sent = 0; sent < 1000; sent += 1) joiner.append(frame.subarray(sent, sent + 1))
  joiner.finish()
  expect(Math.max(...lengths)).toBeLessThanOrEqual(2000)
})

test('a chunk is what is left, as far as there is room', () => {
  expect(nextChunk({ size: 10, offset: 0 }, 4)).toEqual({ end: 4, isLast: false })
  expect(nextChunk({ size: 10, offset: 4 }, 6)).toEqual({ end: 10, isLast: true })
  expect(nextChunk({ size: 0, offset: 0 }, 6)).toEqual({ end: 0, isLast: true })
  expect(nextChunk({ size: 10, offset: 4 }, -3)).toEqual({ end: 4, isLast: false })
})
