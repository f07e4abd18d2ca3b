import { connectionId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { Incoming } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { readParcel, writeParcel } from './parcel.ts'

const to = connectionId('there.1')
const from = connectionId('here.1')
const times = { againMs: 100, budgetMs: 1_000, maxWaitingBytes: 1_000 }

/** Two ends and a line that loses what it is told to lose. */
const line = () => {
  const taken: string[] = []
  const outgoing = new Outgoing(times)
  const incoming = new Incoming((_, frame) => {
    taken.push(String(frame))
    return String(frame) !== 'unwanted'
  })
  const results = new Map<string, boolean>()
  const send = (text: string, now: number, by = from): void => {
    void outgoing.add({ to, frame: Buffer.from(text), from: by, now }).then((isTaken) => {
      results.set(text, isTaken)
    })
  }
  const answer = (now: number): void => {
    const words = incoming.answer()
    const { items } = readParcel(writeParcel('there', words === null ? [] : [words]))
    for (const item of items) if (item.type === 'ack') outgoing.acknowledged({ ...item, now })
  }
  const carry = (items: readonly Buffer[], now: number): void => {
    for (const item of readParcel(writeParcel('here', items)).items) {
      if (item.type === 'signal') incoming.receive(item)
      if (item.type === 'from') incoming.startFrom(item.serial)
    }
    answer(now)
  }
  return { taken, outgoing, results, send, carry }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what was lost is sent again, and comes in order, each once', () => {
  const { taken, outgoing, send, carry } = line()
  send('a', 0)
  outgoing.take()
  send('b', 10)
  carry(outgoing.take(), 10)
  expect(taken).toEqual([])
  expect(outgoing.review(99)).toEqual([])
  carry(outgoing.review(100), 100)
  carry(outgoing.review(200), 200)
  expect(taken).toEqual(['a', 'b'])
})

test('what was lost is sent again also while there is always something new', async () => {
  const { taken, outgoing, results, send, carry } = line()
  send('lost', 0)
  outgoing.take()
  for (let now = 10; now <= 2_000; now += 10) {
    send(String(now), now)
    carry(outgoing.take(), now)
    carry(outgoing.review(now), now)
  }
  await settled()
  expect(taken[0]).toBe('lost')
  expect(taken).toHaveLength(201)
  expect([...results.values()].every((isTaken) => isTaken)).toBe(true)
})

test('what cannot be delivered in time is given up, and what follows does not wait for it', async () => {
  const { taken, outgoing, results, send, carry } = line()
  send('early', 0)
  send('late', 900)
  outgoing.take()
  carry(outgoing.review(1_000), 1_000)
  await settled()
  expect(taken).toEqual(['late'])
  expect([...results]).toEqual([
    ['early', false],
    ['late', true],
  ])
})

test('who sends learns which of them nobody took', async () => {
  const { outgoing, results, send, carry } = line()
  for (const text of ['a', 'unwanted', 'b']) send(text, 0)
  carry(outgoing.take(), 0)
  await settled()
  expect(Object.fromEntries(results)).toEqual({ a: true, unwanted: false, b: true })
})

test('what was lost is not sent again for a connection that has ended, and holds nothing up', async () => {
  const { taken, outgoing, results, send, carry } = line()
  send('lost', 0)
  outgoing.take()
  send('another lost', 0, connectionId('here.2'))
  outgoing.take()
  send('last word', 10)
  outgoing.cancelRetransmits(from)
  carry(outgoing.take(), 10)
  carry(outgoing.review(100), 100)
  await settled()
  expect(taken.filter((text) => text !== '')).toEqual(['another lost', 'last word'])
  expect(results.get('last word')).toBe(true)
})

test('what comes twice is taken once', () => {
  const { taken, outgoing, send, carry } = line()
  send('a', 0)
  const items = outgoing.take()
  carry(items, 0)
  carry(items, 0)
  expect(taken).toEqual(['a'])
})

test('no more waits than may', async () => {
  const { results, send } = line()
  send('x'.repeat(900), 0)
  send('y'.repeat(200), 0)
  await settled()
  expect([...results.values()]).toEqual([false])
})

test('when the node is gone, nobody took what was on its way', async () => {
  const { outgoing, results, send } = line()
  send('a', 0)
  outgoing.close()
  await settled()
  expect([...results]).toEqual([['a', false]])
  expect(outgoing.review(10_000)).toEqual([])
})
