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

const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(8, fc.record({ kind: fc.constant('join'), visitor, node })),
  weighted(8, fc.record({ kind: fc.constant('resume'), visitor, node })),
  weighted(4, fc.record({ kind: fc.constant('lose'), visitor })),
  weighted(1, fc.record({ kind: fc.constant('leave'), visitor })),
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
      const cluster = new Cluster(delays)
      for (const each of actions) {
        await play(cluster, each)
      }
      failovers += cluster.failovers
      await cluster.recover()
      cluster.checkInvariants()
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
