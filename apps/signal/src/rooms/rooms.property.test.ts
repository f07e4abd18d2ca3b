import type { Goodbye } from '@skein/protocol/room'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cluster, nodeCount, visitorCount } from '../testing/cluster/cluster.ts'
import { type Action, knownSchedules } from './known-schedules.fixture.ts'

const isLong = process.env.SKEIN_LONG === '1'
const seed = Number(process.env.SKEIN_SEED ?? Date.now() % 2 ** 31)
const runs = isLong ? 30_000 : 400
/** For a normal run; a long run has more. */
const minFailovers = 200

const visitor = fc.nat(visitorCount - 1)
const node = fc.nat(nodeCount - 1)
const few = fc.integer({ min: 1, max: 4 })
const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary })

const beacon = (absence: fc.Arbitrary<Goodbye>): fc.Arbitrary<Action> =>
  fc.record({
    kind: fc.constant('beacon'),
    visitor,
    node,
    absence,
    token: fc.constantFrom('latest', 'latest', 'latest', 'presented'),
    socket: fc.constantFrom('ends before', 'ends after', 'stays open'),
    times: fc.constantFrom(1, 1, 2),
  })

const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(8, fc.record({ kind: fc.constant('join'), visitor, node })),
  weighted(8, fc.record({ kind: fc.constant('resume'), visitor, node })),
  weighted(4, fc.record({ kind: fc.constant('lose'), visitor })),
  weighted(1, fc.record({ kind: fc.constant('leave'), visitor })),
  weighted(
    2,
    fc.record({
      kind: fc.constant('go'),
      visitor,
      absence: fc.constantFrom('away', 'reload'),
    }),
  ),
  weighted(4, beacon(fc.constantFrom('left', 'away', 'reload'))),
  weighted(1, fc.record({ kind: fc.constant('sockets end') })),
  weighted(2, fc.record({ kind: fc.constant('update'), visitor })),
  weighted(8, fc.record({ kind: fc.constant('transferTo'), visitor })),
  weighted(1, fc.record({ kind: fc.constant('kill'), node })),
  weighted(3, fc.record({ kind: fc.constantFrom('markDead', 'resync'), node })),
  weighted(8, fc.record({ kind: fc.constant('deliver'), count: few })),
  weighted(1, fc.record({ kind: fc.constant('drop'), count: few })),
  weighted(3, fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 7_000 }) })),
  weighted(
    1,
    fc.record({ kind: fc.constant('clock jump'), ms: fc.integer({ min: 1, max: 7_000 }) }),
  ),
  weighted(1, fc.record({ kind: fc.constantFrom('replies lost', 'not executed'), count: few })),
  weighted(12, fc.record({ kind: fc.constant('settle') })),
  weighted(2, fc.record({ kind: fc.constant('replicate') })),
  weighted(4, fc.record({ kind: fc.constant('fail over') })),
  weighted(1, fc.record({ kind: fc.constant('restart empty') })),
)

test("nodes that share a store keep the protocol's guarantees through losses and failovers", {
  timeout: isLong ? 3_600_000 : 120_000,
}, async () => {
  let failovers = 0
  const property = fc.asyncProperty(
    fc.nat(),
    fc.array(action, { minLength: 40, maxLength: 80, size: 'max' }),
    async (delays, actions) => {
      failovers += (await run(delays, actions)).failovers
    },
  )
  console.info(`nodes: seed ${seed} (again with SKEIN_SEED=${seed})`)
  await fc.assert(property, {
    seed,
    numRuns: runs,
    examples: knownSchedules.map(([delays, actions]) => [delays, actions]),
  })
  console.info(`nodes: ${failovers} failovers in ${runs} runs`)
  expect(failovers).toBeGreaterThanOrEqual(minFailovers)
})

test('a page that left by a beacon is no member from then on, whichever node it told', {
  timeout: isLong ? 3_600_000 : 120_000,
}, async () => {
  let departures = 0
  // What a node or a store knew that is lost now may have been the departure.
  const losses: readonly string[] = ['kill', 'fail over', 'restart empty']
  const kept = action.filter(({ kind }) => !losses.includes(kind))
  const departing = fc.oneof(weighted(8, kept), weighted(1, beacon(fc.constant('left'))))
  const property = fc.asyncProperty(
    fc.nat(),
    fc.array(departing, { minLength: 20, maxLength: 40, size: 'max' }),
    async (delays, actions) => {
      departures += (await run(delays, actions)).departures
    },
  )
  console.info(`departures: seed ${seed} (again with SKEIN_SEED=${seed})`)
  await fc.assert(property, { seed, numRuns: runs / 2 })
  console.info(`departures: ${departures} in ${runs / 2} runs`)
  expect(departures).toBeGreaterThanOrEqual(runs / 40)
})

const run = async (delays: number, actions: readonly Action[]): Promise<Cluster> => {
  const cluster = new Cluster(delays)
  for (const each of actions) await play(cluster, each)
  await cluster.recover()
  cluster.checkInvariants()
  return cluster
}

const play = async (cluster: Cluster, action: Action): Promise<void> => {
  switch (action.kind) {
    case 'join':
    case 'resume':
      cluster[action.kind](visitorAt(cluster, action.visitor), action.node)
      break
    case 'lose':
    case 'leave':
    case 'update':
    case 'transferTo':
      cluster[action.kind](visitorAt(cluster, action.visitor))
      break
    case 'go':
      cluster.lose(visitorAt(cluster, action.visitor), action.absence)
      break
    case 'beacon':
      cluster.sendBeacon(visitorAt(cluster, action.visitor), action)
      break
    case 'kill':
    case 'markDead':
    case 'resync':
      cluster[action.kind](action.node)
      break
    default:
      await disturb(cluster, action)
  }
}

type Disturbance = Exclude<Action, { readonly visitor: number } | { readonly node: number }>

const disturb = async (cluster: Cluster, action: Disturbance): Promise<void> => {
  const { redis } = cluster
  switch (action.kind) {
    case 'deliver':
    case 'drop':
      cluster.deliverPending(action.count, action.kind === 'deliver' ? 'delivered' : 'lost')
      break
    case 'wait':
      await cluster.wait(action.ms)
      break
    case 'clock jump':
      redis.advance(action.ms)
      break
    case 'replies lost':
    case 'not executed':
      failCommands(cluster, action)
      break
    case 'settle':
      await cluster.settle()
      break
    case 'sockets end':
      cluster.endSockets()
      break
    case 'replicate':
      redis.replicate()
      break
    case 'fail over':
      await cluster.replaceStore('failOver')
      break
    case 'restart empty':
      await cluster.replaceStore('restartEmpty')
  }
}

/** Makes the next `count` commands fail. */
const failCommands = (
  { redis }: Cluster,
  { kind, count }: { readonly kind: 'replies lost' | 'not executed'; readonly count: number },
): void => {
  let remaining = count
  redis.fate = () => {
    remaining -= 1
    if (remaining < 0) return 'replied'
    return kind === 'replies lost' ? 'reply lost' : 'not executed'
  }
}

const visitorAt = (cluster: Cluster, index: number) => {
  const found = cluster.visitors[index]
  if (found === undefined) throw new Error(`There is no visitor ${index}.`)
  return found
}
