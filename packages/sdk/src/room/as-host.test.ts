import type { Term } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

interface Run {
  readonly term: Term
  readonly signal: AbortSignal
}

/** Runs as host until told to stop; what ran so far. */
const watch = (room: Room) => {
  const runs: Run[] = []
  const off = room.asHost(
    (run) =>
      new Promise((resolve) => {
        runs.push(run)
        run.signal.addEventListener('abort', () => resolve())
      }),
  )
  return { runs, off }
}

const two = async ({ gather }: FakeWorld) => (await gather(['ann', 'ben'])) as [Room, Room]

test('leaving aborts what runs as host, at once', async () => {
  const world = fakeWorld()
  const [ann] = await two(world)
  const { runs } = watch(ann)
  await world.clock.settle()
  expect(runs.map(({ term, signal }) => [term, signal.aborted])).toEqual([[ann.term, false]])
  const left = ann.leave()
  expect(runs[0]?.signal.aborted).toBe(true)
  await left
  await world.clock.advance(10_000)
  expect(runs.length).toBe(1)
})

test('when the role goes it is aborted, and runs anew, in a later term, when the role comes back', async () => {
  const world = fakeWorld()
  const [ann, ben] = await two(world)
  const errors: unknown[] = []
  ann.on('error', ({ error }) => errors.push(error))
  const [mine, theirs] = [watch(ann), watch(ben)]
  const first = ann.term
  const given = ann.transferHost(ben.self.id)
  await world.clock.until(() => theirs.runs.length === 1 && !ann.isHost)
  await given
  expect(mine.runs.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(theirs.runs[0]).toMatchObject({ term: first + 1, signal: { aborted: false } })
  const back = ben.transferHost(ann.self.id)
  await world.clock.until(() => mine.runs.length === 2 && !ben.isHost)
  await back
  expect(mine.runs.map(({ term, signal }) => [term, signal.aborted])).toEqual([
    [first, true],
    [first + 2, false],
  ])
  expect(theirs.runs.map(({ signal }) => signal.aborted)).toEqual([true])
  expect(errors).toEqual([])
})

test('its off aborts it, and it does not run again', async () => {
  const world = fakeWorld()
  const [ann, ben] = await two(world)
  const { runs, off } = watch(ann)
  await world.clock.settle()
  off()
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true])
  const given = ann.transferHost(ben.self.id)
  await world.clock.until(() => ben.isHost && !ann.isHost)
  await given
  const back = ben.transferHost(ann.self.id)
  await world.clock.until(() => ann.isHost && !ben.isHost)
  await back
  await world.clock.advance(1_000)
  expect(runs.length).toBe(1)
})

test('it is not started when it was taken off, or the room left, in the same turn', async () => {
  const world = fakeWorld()
  const [ann, ben] = await two(world)
  const removed = watch(ann)
  removed.off()
  await world.clock.settle()
  const late = watch(ann)
  await ann.leave()
  const onceHost = watch(ben)
  ben.on('hostchange', () => void ben.leave())
  await world.clock.until(() => ben.status === 'closed')
  await world.clock.advance(1_000)
  expect(ben.isHost).toBe(true)
  expect([removed, late, onceHost].map(({ runs }) => runs.length)).toEqual([0, 0, 0])
  const after = watch(ben)
  await world.clock.settle()
  expect(after.runs).toEqual([])
})

test('it is not started when the role came and went in one turn', async () => {
  const world = fakeWorld()
  const { clock, begin, signaling } = world
  const gate = gated(signaling.port('ben'))
  const enter = async (...who: Parameters<typeof begin>) => {
    const joining = begin(...who)
    await clock.advance(1_000)
    return joining
  }
  const ben = await enter('ben', { WebSocket: gate.port })
  const ann = await enter('ann')
  ben.update({ canHost: false })
  await clock.until(() => ann.isHost && ben.host === ann.self.id)
  ben.update({ canHost: true })
  await clock.until(() => ann.peers.get(ben.self.id)?.canHost === true)
  const { runs } = watch(ben)
  const roles: boolean[] = []
  ben.on('hostchange', ({ isHost }) => roles.push(isHost))
  gate.close()
  const given = Promise.allSettled([ann.transferHost(ben.self.id)])
  await clock.until(() => ann.host === ben.self.id)
  await given
  ben.update({ canHost: false })
  await clock.until(() => ann.isHost)
  await clock.advance(100)
  expect(roles).toEqual([])
  gate.open()
  await clock.advance(1_000)
  expect([ben.host, roles, runs]).toEqual([ann.self.id, [true, false], []])
})

/** A socket whose messages can be held back, to come all in one turn. */
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
