import { connectionId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { readBusMessage, writeBusMessage } from './bus-message.ts'
import { InOrderReceiver } from './in-order-receiver.ts'
import { RetransmitQueue } from './retransmit-queue.ts'

const to = connectionId('there.1')
const from = connectionId('here.1')
const limits = {
  retransmitMs: 100,
  giveUpMs: 1_000,
  maxQueuedBytes: 1_000,
  windowBytes: 600,
  lossWindowBytes: 200,
}

/**
 * A queue and a receiver. Items that a test takes from the queue and does not transmit are lost.
 */
const connect = () => {
  const delivered: string[] = []
  const queue = new RetransmitQueue(limits)
  const receiver = new InOrderReceiver((_, frame) => {
    delivered.push(String(frame))
    return String(frame) !== 'unwanted'
  })
  const results = new Map<string, boolean>()
  const send = (text: string, now: number, by = from): void => {
    void queue.add({ to, frame: Buffer.from(text), from: by, now }).then((isDelivered) => {
      results.set(text, isDelivered)
    })
  }
  const returnAck = (now: number): void => {
    const ack = receiver.takeAck()
    const { items } = readBusMessage(writeBusMessage('there', ack === null ? [] : [ack]))
    for (const item of items) if (item.type === 'ack') queue.acknowledge({ ...item, now })
  }
  const transmit = (items: readonly Buffer[], now: number): void => {
    for (const item of readBusMessage(writeBusMessage('here', items)).items) {
      if (item.type === 'signal') receiver.receive(item)
      if (item.type === 'skip-to') receiver.skipTo(item.serial)
    }
    returnAck(now)
  }
  return { delivered, queue, results, send, transmit }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('lost signals are retransmitted and delivered once, in order', () => {
  const { delivered, queue, send, transmit } = connect()
  send('a', 0)
  queue.takeUnsent()
  send('b', 10)
  transmit(queue.takeUnsent(), 10)
  expect(delivered).toEqual([])
  expect(queue.takeRetransmits(99)).toEqual([])
  transmit(queue.takeRetransmits(100), 100)
  transmit(queue.takeRetransmits(200), 200)
  expect(delivered).toEqual(['a', 'b'])
})

test('a lost signal is retransmitted even while new signals keep coming', async () => {
  const { delivered, queue, results, send, transmit } = connect()
  send('lost', 0)
  queue.takeUnsent()
  for (let now = 10; now <= 2_000; now += 10) {
    send(String(now), now)
    transmit(queue.takeUnsent(), now)
    transmit(queue.takeRetransmits(now), now)
  }
  await settled()
  expect(delivered[0]).toBe('lost')
  expect(delivered).toHaveLength(201)
  expect([...results.values()].every((isDelivered) => isDelivered)).toBe(true)
})

test('a signal that times out is given up and does not hold up later ones', async () => {
  const { delivered, queue, results, send, transmit } = connect()
  send('early', 0)
  send('late', 900)
  queue.takeUnsent()
  transmit(queue.takeRetransmits(1_000), 1_000)
  await settled()
  expect(delivered).toEqual(['late'])
  expect([...results]).toEqual([
    ['early', false],
    ['late', true],
  ])
})

test('each signal resolves to whether it was delivered', async () => {
  const { queue, results, send, transmit } = connect()
  for (const text of ['a', 'unwanted', 'b']) send(text, 0)
  transmit(queue.takeUnsent(), 0)
  await settled()
  expect(Object.fromEntries(results)).toEqual({ a: true, unwanted: false, b: true })
})

test('lost signals of an ended connection are not retransmitted and hold up no others', async () => {
  const { delivered, queue, results, send, transmit } = connect()
  send('lost', 0)
  queue.takeUnsent()
  send('another lost', 0, connectionId('here.2'))
  queue.takeUnsent()
  send('last word', 10)
  queue.cancelRetransmits(from)
  transmit(queue.takeUnsent(), 10)
  transmit(queue.takeRetransmits(100), 100)
  await settled()
  expect(delivered.filter((text) => text !== '')).toEqual(['another lost', 'last word'])
  expect(results.get('last word')).toBe(true)
})

test('duplicates are delivered once', () => {
  const { delivered, queue, send, transmit } = connect()
  send('a', 0)
  const items = queue.takeUnsent()
  transmit(items, 0)
  transmit(items, 0)
  expect(delivered).toEqual(['a'])
})

test('a signal beyond the queue limit fails at once', async () => {
  const { results, send } = connect()
  send('x'.repeat(900), 0)
  send('y'.repeat(200), 0)
  await settled()
  expect([...results.values()]).toEqual([false])
})

test('closing the queue reports pending signals as undelivered', async () => {
  const { queue, results, send } = connect()
  send('a', 0)
  queue.close()
  await settled()
  expect([...results]).toEqual([['a', false]])
  expect(queue.takeRetransmits(10_000)).toEqual([])
})

test('while no acknowledgement arrives, little is sent again and ever more rarely', () => {
  const { queue, send } = connect()
  for (let n = 0; n < 15; n += 1) send(`${n} ${'x'.repeat(20)}`, 0)
  queue.takeUnsent()
  const resent: { readonly at: number; readonly bytes: number }[] = []
  for (let now = 10; now < 1_000; now += 10) {
    const items = queue.takeRetransmits(now)
    if (items.length > 0) resent.push({ at: now, bytes: Buffer.concat(items).length })
    // The window stays closed.
    expect(queue.takeUnsent()).toEqual([])
  }
  expect(resent.map(({ at }) => at)).toEqual([100, 300, 500, 700, 900])
  for (const { bytes } of resent) expect(bytes).toBeLessThanOrEqual(200 + 20)
})

test('what waits for the window is sent as acknowledgements arrive, and all of it in order', async () => {
  const { delivered, queue, results, send, transmit } = connect()
  const texts = Array.from({ length: 30 }, (_, n) => `${n}`.padStart(10))
  for (const text of texts) send(text, 0)
  // Lost.
  expect(Buffer.concat([...queue.takeUnsent()]).length).toBeLessThanOrEqual(600)
  transmit(queue.takeRetransmits(100), 100)
  const counts = [delivered.length]
  while (queue.canSend) {
    transmit(queue.takeUnsent(), 110)
    counts.push(delivered.length)
  }
  expect(counts[0]).toBeLessThan(10)
  expect(delivered).toEqual(texts)
  await settled()
  expect([...results.values()].every((isDelivered) => isDelivered)).toBe(true)
})

test('signals of an ended connection that still wait for the window are not sent', () => {
  const { delivered, queue, send, transmit } = connect()
  for (let n = 0; n < 20; n += 1) send(`old ${n}`.padEnd(20), 0)
  send('other', 0, connectionId('here.2'))
  // Lost.
  queue.takeUnsent()
  queue.cancelRetransmits(from)
  transmit(queue.takeRetransmits(100), 100)
  while (queue.canSend) transmit(queue.takeUnsent(), 110)
  expect(delivered.filter((text) => text !== '')).toEqual(['other'])
})
