import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { channelCredit, costOf } from './credit.ts'
import type { Incoming } from './frame-receiver.ts'
import type { Outgoing } from './outgoing.ts'
import { messageOf, type PipeEnd, type PipePair, pipePair } from './peer-transport-pair.testing.ts'

const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)
const runs = process.env.SKEIN_LONG ? 2_000 : 20
const labels = ['a', 'b', 'c', 'slow']
const maxBytes = 80_000

/** One end, what it has sent, and what it has read of what came. */
interface Side {
  readonly end: PipeEnd
  readonly other: PipeEnd
  readonly sent: { readonly label: string; readonly number: number; readonly item: Outgoing }[]
  readonly read: Set<Incoming>
}

interface Day {
  readonly pair: PipePair
  readonly random: () => number
  readonly sides: readonly Side[]
  isConnected: boolean
}

const any = ({ random }: Day, max: number) => Math.floor(random() * max)

const send = (day: Day, { end, sent }: Side) => {
  const label = labels[any(day, labels.length)] ?? ''
  const number = sent.length
  const filler = 'f'.repeat(Math.floor(day.random() ** 4 * maxBytes))
  const message = messageOf({ number, filler }, { label, weight: 1 + any(day, 8) })
  sent.push({ label, number, item: end.transport.send(message, day.random() < 0.2) })
}

const takeBack = (day: Day, { end, sent }: Side) => {
  const one = sent[sent.length - 1 - any(day, 5)]
  if (one && one.item.result === undefined && !one.item.isTaken) {
    end.transport.settle(one.item, 'aborted')
  }
}

const read = (day: Day, { end, read: done }: Side) => {
  const unread = end.heard.filter((message) => !done.has(message))
  // Of some channels the application reads less often than of others.
  const isDue = ({ label }: Incoming) => label !== 'slow' || day.random() < 0.1
  for (const message of unread.filter(isDue).slice(0, 1 + any(day, 20))) {
    done.add(message)
    message.read()
  }
}

const breakOrMend = async (day: Day) => {
  const { pair } = day
  if (day.isConnected) pair.interrupt()
  else pair.connect(2048 + Math.floor(day.random() ** 3 * 260_000))
  day.isConnected = !day.isConnected
  for (const { end } of day.sides) {
    if (day.random() < 0.1) {
      end.transport.setReachable(false)
      end.transport.setReachable(true)
    }
  }
}

const step = async (day: Day) => {
  const side = day.sides[any(day, 2)]
  const chance = day.random()
  if (!side) return
  if (chance < 0.45) send(day, side)
  else if (chance < 0.5) takeBack(day, side)
  else if (chance < 0.75) await day.pair.step()
  else if (chance < 0.95) read(day, side)
  else await breakOrMend(day)
}

/** What the other end holds and has not read, of one channel. */
const unreadCost = ({ end, read: done }: Side, label: string) =>
  end.heard
    .filter((message) => message.label === label && !done.has(message))
    .reduce((sum, { bytes }) => sum + costOf(bytes), 0)

/** Whatever happens: what is held is bounded, and nobody is accused. */
const check = ({ sides }: Day, where: string) => {
  for (const side of sides) {
    expect(side.end.wrongs, where).toEqual([])
    for (const label of labels) {
      const bound = channelCredit + costOf(maxBytes + 100)
      expect(unreadCost(side, label), where).toBeLessThanOrEqual(bound)
    }
  }
}

/** Everything that was not refused or taken back, once and in the order of its channel. */
const checkEnd = ({ sides }: Day, where: string) => {
  for (const { sent, other } of sides) {
    for (const label of labels) {
      const expected = sent.filter((one) => one.label === label && !one.item.result)
      const heard = other.heard.filter((message) => message.label === label)
      const numbers = heard.map(({ data }) => (data as { number: number }).number)
      const lost = new Set(sent.filter(({ item }) => item.result).map(({ number }) => number))
      // One that was given up when it was gone may still have arrived.
      expect(
        numbers.filter((number) => !lost.has(number)),
        where,
      ).toEqual(expected.map(({ number }) => number))
      expect(numbers, where).toEqual([...new Set(numbers)].sort((one, two) => one - two))
    }
  }
}

/** Reads what there is; `false` when there was nothing. */
const readAll = ({ end, read: done }: Side): boolean => {
  const unread = end.heard.filter((message) => !done.has(message))
  for (const message of unread) {
    done.add(message)
    message.read()
  }
  return unread.length > 0
}

const finish = async ({ pair, sides, isConnected }: Day) => {
  if (!isConnected) pair.connect()
  do await pair.settle()
  while (sides.map(readAll).includes(true))
}

test('whatever breaks, waits or is taken back, all else arrives once and in order, and nothing grows', async () => {
  console.log(`schedules: SKEIN_SEED=${seed}`)
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(seed + run)
    const pair = pipePair(random, { isRead: false })
    const sides = [
      { end: pair.a, other: pair.b, sent: [], read: new Set<Incoming>() },
      { end: pair.b, other: pair.a, sent: [], read: new Set<Incoming>() },
    ]
    const day: Day = { pair, random, sides, isConnected: false }
    for (let count = 0; count < 400; count += 1) {
      await step(day)
      if (count % 20 === 0) check(day, `run ${run}`)
    }
    await finish(day)
    check(day, `run ${run}`)
    checkEnd(day, `run ${run}`)
  }
})
