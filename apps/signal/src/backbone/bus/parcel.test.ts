import { connectionId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Item, readParcel, writeItem, writeParcel } from './parcel.ts'

const items: readonly Item[] = [
  { type: 'signal', serial: 1, to: connectionId('n.1'), frame: Buffer.from('ä🪿') },
  { type: 'signal', serial: 2 ** 40, to: connectionId('n.2'), frame: Buffer.alloc(70_000, 7) },
  { type: 'from', serial: 3 },
  { type: 'ack', serial: 4, refused: [1, 2 ** 33] },
  { type: 'ack', serial: 5, refused: [] },
  { type: 'probe', serial: 6 },
]

test('what goes into a parcel comes out of it', () => {
  const parcel = writeParcel('sender', items.map(writeItem))
  expect(readParcel(parcel)).toEqual({ sender: 'sender', items })
})

test('a parcel that is cut short is no parcel', () => {
  const parcel = writeParcel('sender', items.map(writeItem))
  const whole = writeParcel('sender', items.slice(0, 2).map(writeItem))
  expect(() => readParcel(parcel.subarray(0, whole.length - 1))).toThrow()
  expect(() => readParcel(parcel.subarray(0, 4))).toThrow()
})

test('whatever comes, a parcel is read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const outcome = ((): string => {
        try {
          return typeof readParcel(Buffer.concat([Buffer.from('P'), bytes])).sender
        } catch (error) {
          return error instanceof Error ? 'string' : 'strange'
        }
      })()
      expect(outcome).toBe('string')
    }),
  )
})
