import { expect, test } from 'vitest'
import { MessageBuffer } from './contestant.ts'
import { Payload } from './payload.ts'
import { Receiver } from './receive.ts'

const bytes = 9_000
const payload = new Payload({ bytes, reuses: false })

/** A receiver of three messages, and the function that delivers them. */
const receiving = () => {
  const buffer = new MessageBuffer()
  const transport = { send: () => undefined, listen: buffer.listen }
  return { receiver: new Receiver(transport, { count: 3, bytes }), take: buffer.take }
}

const takeAll = (numbers: readonly number[]) => {
  const { receiver, take } = receiving()
  for (const number of numbers) take(payload.make(number))
  return receiver
}

test('three messages in order give a figure', async () => {
  const { stalls, longestGapMs } = await takeAll([0, 1, 2]).done
  expect(stalls).toBe(0)
  expect(longestGapMs).toBeGreaterThanOrEqual(0)
})

test('a lost message is an error', async () => {
  await expect(takeAll([0, 2]).done).rejects.toThrow('received message 2, expected 1')
})

test('a duplicate message is an error', async () => {
  await expect(takeAll([0, 0]).done).rejects.toThrow('received message 0, expected 1')
})

test('a message after the last one is counted', async () => {
  const receiver = takeAll([0, 1, 2, 2])
  await receiver.done
  expect(receiver.count).toBe(4)
})

test('a damaged message is an error', async () => {
  const { receiver, take } = receiving()
  const message = payload.make(0)
  // One of the positions that are checked.
  message[4 + 4_093] = ((message[4 + 4_093] ?? 0) + 1) & 0xff
  take(message)
  await expect(receiver.done).rejects.toThrow('message 0 is wrong at byte 4097')
})

test('a message that was overwritten while it was sent is an error', async () => {
  const { receiver, take } = receiving()
  const message = payload.make(0)
  new DataView(message.buffer).setUint32(bytes - 4, 1)
  take(message)
  await expect(receiver.done).rejects.toThrow('message 0 ends with the number of message 1')
})

test('a message of another size is an error', async () => {
  const { receiver, take } = receiving()
  take(payload.make(0).subarray(1))
  await expect(receiver.done).rejects.toThrow('has 8999 bytes instead of 9000')
})
