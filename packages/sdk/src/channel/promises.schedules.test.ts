import type { PeerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Channel, ChannelMessage, Room, SendOptions, SendOutcome } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'
import { seededRandom } from '../testing/seeds.ts'

const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 1e9)
const runs = process.env.SKEIN_LONG ? 400 : 15
const machines = ['ann', 'ben', 'cid', 'dan']
const labels = ['one', 'two']

/** What one peer does with one channel. */
interface Consumer {
  readonly channel: Channel<Content>
  readonly handled: Map<PeerId, number[]>
  off: (() => void) | null
  reader: AsyncIterator<ChannelMessage<Content>> | null
  isTaking: boolean
}

type Content = readonly [number: number, filler: string]

interface Member {
  readonly machine: string
  readonly room: Room
  readonly id: PeerId
  readonly consumers: ReadonlyMap<string, Consumer>
  /** Labels of which this peer has reported dropped messages. */
  readonly dropped: Set<string>
  hasLeft: boolean
}

interface Sent {
  readonly from: Member
  readonly label: string
  readonly number: number
  readonly options: SendOptions & { readonly timeoutMs: number }
  readonly startedAt: number
  settledAt: number | null
  outcome: SendOutcome | null
  /** Who had handled it when it settled. */
  handledBy: readonly PeerId[]
}

interface Scenario {
  readonly world: FakeWorld
  readonly random: () => number
  readonly members: readonly Member[]
  readonly sent: Sent[]
  readonly where: string
}

const pick = <Item>(random: () => number, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const createMember = (machine: string, room: Room): Member => {
  const consumers = labels.map((label) => {
    const consumer: Consumer = {
      channel: room.channel<Content>(label),
      handled: new Map(),
      off: null,
      reader: null,
      isTaking: false,
    }
    return [label, consumer] as const
  })
  const dropped = new Set<string>()
  room.on('error', ({ error }) => {
    const label = /no listener on channel "(.*)"/.exec(error.message)?.[1]
    if (label) dropped.add(label)
  })
  const { id } = room.self
  return { machine, room, id, consumers: new Map(consumers), dropped, hasLeft: false }
}

const handle = ({ handled }: Consumer, { data: [number], from }: ChannelMessage<Content>) => {
  handled.set(from, [...(handled.get(from) ?? []), number])
}

const toggleListener = (consumer: Consumer) => {
  if (consumer.reader) return
  if (consumer.off) {
    consumer.off()
    consumer.off = null
  } else consumer.off = consumer.channel.on('message', (message) => handle(consumer, message))
}

const toggleReader = (consumer: Consumer) => {
  if (consumer.off || consumer.isTaking) return
  if (consumer.reader) {
    void consumer.reader.return?.()
    consumer.reader = null
  } else consumer.reader = consumer.channel[Symbol.asyncIterator]()
}

/** A reader that is not made to take anything is stuck. */
const take = async (consumer: Consumer) => {
  if (!consumer.reader || consumer.isTaking) return
  consumer.isTaking = true
  const { value, done } = await consumer.reader.next()
  if (!done) handle(consumer, value)
  consumer.isTaking = false
}

/** It takes everything that comes from now on. */
const takeAll = async (consumer: Consumer) => {
  const { reader } = consumer
  for (let next = await reader?.next(); next && !next.done; next = await reader?.next()) {
    handle(consumer, next.value)
  }
}

const send = ({ world, random, members, sent }: Scenario, from: Member) => {
  const label = pick(random, labels)
  const number = sent.length
  const others = members.filter(({ id }) => id !== from.id).map(({ id }) => id)
  const to: SendOptions['to'] = random() < 0.6 ? 'all' : others.filter(() => random() < 0.5)
  const options = { to, ack: random() < 0.4, timeoutMs: 200 + Math.floor(random() * 3_000) }
  const filler = 'f'.repeat(Math.floor(random() ** 3 * 200_000))
  const startedAt = world.clock.now()
  const record: Sent = {
    from,
    label,
    number,
    options,
    startedAt,
    settledAt: null,
    outcome: null,
    handledBy: [],
  }
  sent.push(record)
  const settle = (outcome: SendOutcome) => {
    record.settledAt = world.clock.now()
    record.outcome = outcome
    record.handledBy = members.filter((each) => hasHandled(each, record)).map(({ id }) => id)
  }
  const channel = from.consumers.get(label)?.channel
  channel
    ?.send([number, filler], options)
    .then(settle, ({ cause }) => settle(cause ?? { reached: [], failed: new Map() }))
}

const hasHandled = ({ consumers }: Member, { label, from, number }: Sent): boolean =>
  consumers.get(label)?.handled.get(from.id)?.includes(number) ?? false

const leave = (scenario: Scenario, member: Member) => {
  const staying = scenario.members.filter(({ hasLeft }) => !hasLeft)
  if (staying.length < 3) return
  member.hasLeft = true
  void member.room.leave()
}

const changeConsumer = (consumer: Consumer, chance: number) => {
  if (chance < 0.27) toggleListener(consumer)
  else if (chance < 0.47) toggleReader(consumer)
  else void take(consumer)
}

const step = async (scenario: Scenario) => {
  const { world, random, members } = scenario
  const member = pick(
    random,
    members.filter(({ hasLeft }) => !hasLeft),
  )
  const other = pick(random, members)
  const consumer = member.consumers.get(pick(random, labels))
  const chance = random()
  if (chance < 0.5) send(scenario, member)
  else if (chance < 0.8 && consumer) changeConsumer(consumer, random())
  else if (chance < 0.82) world.network.cut(member.machine, other.machine)
  else if (chance < 0.86) world.network.restore(member.machine, other.machine)
  else if (chance < 0.863) leave(scenario, member)
  else await world.clock.advance(random() ** 3 * 1_000)
}

/** It listens, or goes on reading. */
const attend = (consumer: Consumer) => {
  if (consumer.off) return
  if (consumer.isTaking) void takeAll(consumer)
  else {
    void consumer.reader?.return?.()
    consumer.reader = null
    toggleListener(consumer)
  }
}

/** Everyone listens, all paths work, and what waits arrives. */
const finish = async ({ world, members }: Scenario) => {
  for (const one of machines) for (const other of machines) world.network.restore(one, other)
  for (const { consumers } of members) for (const consumer of consumers.values()) attend(consumer)
  await world.clock.advance(120_000)
}

/** What became of a message at one member is what the outcome says. */
const checkMember = (sent: Sent, member: Member, where: string) => {
  const { from, label, number, options, outcome, handledBy } = sent
  const { reached = [], failed } = outcome ?? {}
  const isReached = reached.includes(member.id)
  const handled = member.consumers.get(label)?.handled.get(from.id) ?? []
  const times = handled.filter((each) => each === number).length
  const word = isReached ? 'reached' : `${failed?.get(member.id)}`
  const about = `${where}, message ${number} ${JSON.stringify(options)}: ${member.machine} ${word}`
  expect(times, about).toBeLessThanOrEqual(1)
  if (options.ack && isReached) expect(handledBy, about).toContain(member.id)
  // With ack, a message that timed out may still be handled later.
  if (!(options.ack || isReached)) expect(times, about).toBe(0)
  const isCertain = !(member.hasLeft || from.hasLeft || member.dropped.has(label))
  if (isReached && isCertain) expect(times, about).toBe(1)
}

const checkLimit = ({ number, options, startedAt, settledAt }: Sent, where: string) => {
  const waitedMs = (settledAt ?? Infinity) - startedAt
  const about = `${where}, message ${number}, ${JSON.stringify(options)}`
  expect(waitedMs, about).toBeLessThanOrEqual(options.timeoutMs + 1e-6)
}

const checkOrder = ({ consumers, machine }: Member, where: string) => {
  for (const numbers of [...consumers.values()].flatMap(({ handled }) => [...handled.values()])) {
    const sorted = numbers.toSorted((one, other) => one - other)
    expect(numbers, `${where}: order at ${machine}`).toEqual(sorted)
  }
}

const check = ({ members, sent, where }: Scenario) => {
  for (const each of sent) {
    checkLimit(each, where)
    for (const member of members) checkMember(each, member, where)
  }
  for (const member of members) checkOrder(member, where)
}

test('whoever listens, reads, stops or leaves: every send settles within its limit, and as its outcome says', {
  timeout: 600_000,
}, async () => {
  console.log(`promises: SKEIN_SEED=${seed}`)
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(seed + run)
    const world = fakeWorld(seed + run)
    const rooms = await world.gather(machines)
    const members = rooms.map((room, at) => createMember(machines[at] ?? '', room))
    const where = `SKEIN_SEED=${seed + run}`
    const scenario: Scenario = { world, random, members, sent: [], where }
    for (let count = 0; count < 400; count += 1) await step(scenario)
    await finish(scenario)
    check(scenario)
    for (const { room } of members) void room.leave()
    await world.clock.advance(2_000)
  }
})
