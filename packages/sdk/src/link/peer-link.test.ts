import { expect, test } from 'vitest'
import { linkPair } from './link-pair.testing.ts'

test('two links open, and a frame arrives each way', async () => {
  const { a, b, clock } = linkPair({ seed: 1 })
  await clock.until(() => a.isOpen && b.isOpen)
  a.main?.send(new Uint8Array([1, 2]))
  b.main?.send(new Uint8Array([3]))
  await clock.advance(100)
  expect(b.frames).toEqual([['skein', [1, 2]]])
  expect(a.frames).toEqual([['skein', [3]]])
})
