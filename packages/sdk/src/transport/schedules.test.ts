import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { channelCredit, costOf } from './credit.ts'
import type { Incoming } from './frame-receiver.ts'
import type { Outgoing } from './outgoing.ts'
import {
  messageOf,
  type TransportEnd,
  type TransportPair,
  transportPair,
} from './peer-transport-pair.testing.ts'

const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)
const runs = process.env.SKEIN_LONG ? 2_000 : 20
const labels = ['a', 'b', 'c', 'slow']
const maxBytes = 80_000

/** One end, the messages it sent, and the received ones that it has read. */
interface Side {
  readonly end: TransportEnd
  readonly other: TransportEnd
  readonly sent: { readonly label: string; readonly number: number; readonly item: Outgoing }[]
  readonly readMessages: Set<Incoming>
}

interface Scenario {
  readonly pair: TransportPair
  readonly random: () => number
  readonly sides: readonly Side[]
  isConnected: boolean
}

const randomInt = ({ random }: Scenario, max: number) => Math.floor(random() * max)

const send = (scenario: Scenario, { end, sent }: Side) => {
  const label = labels[randomInt(scenario, labels.length)] ?? ''
  const number = sent.length
  const filler = 'f'.repeat(Math.floor(scenario.random() ** 4 * maxBytes))
  const message = messageOf({ number, filler }, { label, weight: 1 + randomInt(scenario, 8) })
  sent.push({ label, number, item: end.transport.send(message, scenario.random() < 0.2) })
}

const cancel = (scenario: Scenario, { end, sent }: Side) => {
  const last = sent[sent.length - 1 - randomInt(scenario, 5)]
  if (last && last.item.result === undefined && !last.item.isAccepted) {
    end.transport.settle(last.item, 'aborted')
  }
}

const read = (scenario: Scenario, { end, readMessages }: Side) => {
  const unread = end.received.filter((message) => !readMessages.has(message))
  // The application reads the slow channel less often.
  const isDue = ({ label }: Incoming) => label !== 'slow' || scenario.random() < 0.1
  for (const message of unread.filter(isDue).slice(0, 1 + randomInt(scenario, 20))) {
    readMessages.add(message)
    message.read()
  }
}

const toggleConnection = async (scenario: Scenario) => {
  const { pair } = scenario
  if (scenario.isConnected) pair.interrupt()
  else pair.connect(2048 + Math.floor(scenario.random() ** 3 * 260_000))
  scenario.isConnected = !scenario.isConnected
  for (const { end } of scenario.sides) {
    if (scenario.random() < 0.1) {
      end.transport.setReachable(false)
      end.transport.setReachable(true)
    }
  }
}

const step = async (scenario: Scenario) => {
  const side = scenario.sides[randomInt(scenario, 2)]
  const chance = scenario.random()
  if (!side) return
  if (chance < 0.45) send(scenario, side)
  else if (chance < 0.5) cancel(scenario, side)
  else if (chance < 0.75) await scenario.pair.step()
  else if (chance < 0.95) read(scenario, side)
  else await toggleConnection(scenario)
}

/** Cost of the messages on one channel that this side has not read. */
const unreadCost = ({ end, readMessages }: Side, label: string) =>
  end.received
    .filter((message) => message.label === label && !readMessages.has(message))
    .reduce((sum, { bytes }) => sum + costOf(bytes), 0)

/** Always true: the unread cost is bounded and counted, and there are no violations. */
const check = ({ sides }: Scenario, where: string) => {
  for (const side of sides) {
    expect(side.end.violations, where).toEqual([])
    const unread = labels.reduce((sum, label) => sum + unreadCost(side, label), 0)
    expect(side.end.held, where).toBeGreaterThanOrEqual(unread)
    for (const label of labels) {
      const bound = channelCredit + costOf(maxBytes + 100)
      expect(unreadCost(side, label), where).toBeLessThanOrEqual(bound)
    }
  }
}

/** Every message that did not fail arrived exactly once and in order, and none takes memory. */
const checkEnd = ({ sides }: Scenario, where: string) => {
  for (const { end, sent, other } of sides) {
    expect(end.held, where).toBe(0)
    for (const label of labels) {
      const expected = sent.filter(({ label: each, item }) => each === label && !item.result)
      const received = other.received.filter((message) => message.label === label)
      const numbers = received.map(({ data }) => (data as { number: number }).number)
      const lost = new Set(sent.filter(({ item }) => item.result).map(({ number }) => number))
      // A message that was cancelled after it was sent may still have arrived.
      expect(
        numbers.filter((number) => !lost.has(number)),
        where,
      ).toEqual(expected.map(({ number }) => number))
      expect(numbers, where).toEqual([...new Set(numbers)].sort((one, two) => one - two))
    }
  }
}

/** Reads all unread messages; returns `false` if there were none. */
const readAll = ({ end, readMessages }: Side): boolean => {
  const unread = end.received.filter((message) => !readMessages.has(message))
  for (const message of unread) {
    readMessages.add(message)
    message.read()
  }
  return unread.length > 0
}

const finish = async ({ pair, sides, isConnected }: Scenario) => {
  if (!isConnected) pair.connect()
  do await pair.settle()
  while (sides.map(readAll).includes(true))
}

test('with random interruptions, cancellations and slow reads, all other messages arrive once and in order, within the credit', async () => {
  console.log(`schedules: SKEIN_SEED=${seed}`)
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(seed + run)
    const pair = transportPair(random, { autoRead: false })
    const sides = [
      { end: pair.a, other: pair.b, sent: [], readMessages: new Set<Incoming>() },
      { end: pair.b, other: pair.a, sent: [], readMessages: new Set<Incoming>() },
    ]
    const scenario: Scenario = { pair, random, sides, isConnected: false }
    for (let count = 0; count < 400; count += 1) {
      await step(scenario)
      if (count % 20 === 0) check(scenario, `run ${run}`)
    }
    await finish(scenario)
    check(scenario, `run ${run}`)
    checkEnd(scenario, `run ${run}`)
  }
})
