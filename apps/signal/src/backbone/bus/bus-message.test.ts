import { connectionId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BusItem, encodeItem, readBusMessage, writeBusMessage } from './bus-message.ts'

const items: readonly BusItem[] = [
  { type: 'signal', serial: 1, to: connectionId('n.1'), frame: Buffer.from('ä🪿') },
  { type: 'signal', serial: 2 ** 40, to: connectionId('n.2'), frame: Buffer.alloc(70_000, 7) },
  { type: 'skip-to', serial: 3 },
  { type: 'ack', serial: 4, undelivered: [1, 2 ** 33] },
  { type: 'ack', serial: 5, undelivered: [] },
  { type: 'probe', serial: 6 },
]

test('a bus message decodes to the items it was encoded from', () => {
  const message = writeBusMessage('sender', items.map(encodeItem))
  expect(readBusMessage(message)).toEqual({ sender: 'sender', items })
})

test('a truncated bus message is rejected', () => {
  const message = writeBusMessage('sender', items.map(encodeItem))
  const whole = writeBusMessage('sender', items.slice(0, 2).map(encodeItem))
  expect(() => readBusMessage(message.subarray(0, whole.length - 1))).toThrow()
  expect(() => readBusMessage(message.subarray(0, 4))).toThrow()
})

test('arbitrary bytes are either decoded or rejected with an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const outcome = ((): string => {
        try {
          return typeof readBusMessage(Buffer.concat([Buffer.from('P'), bytes])).sender
        } catch (error) {
          return error instanceof Error ? 'string' : 'strange'
        }
      })()
      expect(outcome).toBe('string')
    }),
  )
})
