import type { Term } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

interface Run {
  readonly term: Term
  readonly signal: AbortSignal
}

/** Registers a task that runs until it is aborted, and records its runs. */
const recordRuns = (room: Room) => {
  const runs: Run[] = []
  const unsubscribe = room.asHost(
    (run) =>
      new Promise((resolve) => {
        runs.push(run)
        run.signal.addEventListener('abort', () => resolve())
      }),
  )
  return { runs, unsubscribe }
}

const joinTwo = async ({ gather }: FakeWorld) => (await gather(['ann', 'ben'])) as [Room, Room]

test('leaving aborts a host task at once', async () => {
  const world = fakeWorld()
  const [ann] = await joinTwo(world)
  const { runs } = recordRuns(ann)
  await world.clock.settle()
  expect(runs.map(({ term, signal }) => [term, signal.aborted])).toEqual([[ann.term, false]])
  const left = ann.leave()
  expect(runs[0]?.signal.aborted).toBe(true)
  await left
  await world.clock.advance(10_000)
  expect(runs.length).toBe(1)
})

test('losing the role aborts a host task, and regaining it runs the task again in a later term', async () => {
  const world = fakeWorld()
  const [ann, ben] = await joinTwo(world)
  const errors: unknown[] = []
  ann.on('error', ({ error }) => errors.push(error))
  const [annsRuns, bensRuns] = [recordRuns(ann), recordRuns(ben)]
  const first = ann.term
  const transferred = ann.transferHost(ben.self.id)
  await world.clock.until(() => bensRuns.runs.length === 1 && !ann.isHost)
  await transferred
  expect(annsRuns.runs.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(bensRuns.runs[0]).toMatchObject({ term: first + 1, signal: { aborted: false } })
  const transferredBack = ben.transferHost(ann.self.id)
  await world.clock.until(() => annsRuns.runs.length === 2 && !ben.isHost)
  await transferredBack
  expect(annsRuns.runs.map(({ term, signal }) => [term, signal.aborted])).toEqual([
    [first, true],
    [first + 2, false],
  ])
  expect(bensRuns.runs.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(errors).toEqual([])
})

test('the unsubscribe function aborts a host task, which does not run again', async () => {
  const world = fakeWorld()
  const [ann, ben] = await joinTwo(world)
  const { runs, unsubscribe } = recordRuns(ann)
  await world.clock.settle()
  unsubscribe()
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true])
  const transferred = ann.transferHost(ben.self.id)
  await world.clock.until(() => ben.isHost && !ann.isHost)
  await transferred
  const transferredBack = ben.transferHost(ann.self.id)
  await world.clock.until(() => ann.isHost && !ben.isHost)
  await transferredBack
  await world.clock.advance(1_000)
  expect(runs.length).toBe(1)
})

test('a host task does not start if it is removed or the room is left in the same turn', async () => {
  const world = fakeWorld()
  const [ann, ben] = await joinTwo(world)
  const removed = recordRuns(ann)
  removed.unsubscribe()
  await world.clock.settle()
  const left = recordRuns(ann)
  await ann.leave()
  const onceHost = recordRuns(ben)
  ben.on('hostchange', () => void ben.leave())
  await world.clock.until(() => ben.status === 'closed')
  await world.clock.advance(1_000)
  expect(ben.isHost).toBe(true)
  expect([removed, left, onceHost].map(({ runs }) => runs.length)).toEqual([0, 0, 0])
  const after = recordRuns(ben)
  await world.clock.settle()
  expect(after.runs).toEqual([])
})

test('a host task does not start if the role is gained and lost in one turn', async () => {
  const world = fakeWorld()
  const { clock, begin, signaling } = world
  const gate = gated(signaling.port('ben'))
  const join = async (...args: Parameters<typeof begin>) => {
    const joining = begin(...args)
    await clock.advance(1_000)
    return joining
  }
  const ben = await join('ben', { WebSocket: gate.port })
  const ann = await join('ann')
  ben.update({ canHost: false })
  await clock.until(() => ann.isHost && ben.host === ann.self.id)
  ben.update({ canHost: true })
  await clock.until(() => ann.peers.get(ben.self.id)?.canHost === true)
  const { runs } = recordRuns(ben)
  const roles: boolean[] = []
  ben.on('hostchange', ({ isHost }) => roles.push(isHost))
  gate.close()
  const settled = Promise.allSettled([ann.transferHost(ben.self.id)])
  await clock.until(() => ann.host === ben.self.id)
  await settled
  ben.update({ canHost: false })
  await clock.until(() => ann.isHost)
  await clock.advance(100)
  expect(roles).toEqual([])
  gate.open()
  await clock.advance(1_000)
  expect([ben.host, roles, runs]).toEqual([ann.self.id, [true, false], []])
})

/** A socket whose messages can be held back and then arrive all in one turn. */
const gated = (Base: typeof WebSocket) => {
  const held: (() => void)[] = []
  let isClosed = false
  class GatedSocket extends Base {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      let handler: WebSocket['onmessage'] = null
      Object.defineProperty(this, 'onmessage', {
        set: (next: WebSocket['onmessage']) => {
          handler = next
        },
        get: () => (event: MessageEvent) => {
          if (isClosed) held.push(() => handler?.call(this, event))
          else handler?.call(this, event)
        },
      })
    }
  }
  return {
    port: GatedSocket,
    close: () => {
      isClosed = true
    },
    open: () => {
      isClosed = false
      for (const task of held.splice(0)) task()
    },
  }
}
