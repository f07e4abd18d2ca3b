import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { fakeWorld } from './fake-world.testing.ts'
import { loadedLater } from './loaded-later.ts'

test('a load that failed is tried again on use, and rejects when it fails again', async () => {
  let loads = 0
  const clock = virtualClock()
  const later = loadedLater(clock, async () => {
    loads += 1
    if (loads < 3) throw new Error('offline')
    return 'chunk'
  })
  const use = () => later.use({}, async (value) => value)
  later.useIfLoaded(() => {})
  await clock.settle()
  expect(loads).toBe(1)
  await expect(use()).rejects.toMatchObject({ code: 'connect-failed' })
  expect(await use()).toBe('chunk')
  expect(await use()).toBe('chunk')
  expect(loads).toBe(3)
  let told = ''
  later.useIfLoaded((value) => {
    told = value
  })
  // At once: it is there.
  expect(told).toBe('chunk')
})

for (const timeoutMs of [50, undefined]) {
  test(`a use is given up in time while it loads: ${timeoutMs ?? 'by default'}`, async () => {
    const clock = virtualClock()
    const later = loadedLater(clock, () => new Promise<string>(() => {}))
    const used = later.use(timeoutMs ? { timeoutMs } : {}, async (value) => value)
    const [result] = await Promise.all([
      Promise.allSettled([used]),
      clock.advance((timeoutMs ?? 10_000) + 1),
    ])
    expect(result).toMatchObject([{ reason: { code: 'timeout' } }])
  })
}

test('calls and handlers that come before the chunk wait for it', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann, ben] = await gather(['ann', 'ben'])
  if (!ann || !ben) throw new Error('two joined')
  const runs: number[] = []
  const off = ann.asHost(() => void runs.push(1))
  ann.asHost(() => void runs.push(2))
  off()
  ben.handle('add', ([one, other]: [number, number]) => one + other)
  const sum = ann.call(ben.self.id, 'add', [1, 2])
  await clock.advance(1_000)
  expect(runs).toEqual([])
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(await sum).toBe(3)
  expect(runs).toEqual([2])
})

test('a call that was given up while the chunk was loading is not made', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann, ben] = await gather(['ann', 'ben'])
  if (!ann || !ben) throw new Error('two joined')
  let runs = 0
  ben.handle('count', () => {
    runs += 1
  })
  const given = Promise.allSettled([ann.call(ben.self.id, 'count', null, { timeoutMs: 100 })])
  await clock.advance(1_000)
  expect(await given).toMatchObject([{ reason: { code: 'timeout' } }])
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(runs).toBe(0)
})

test('in a room that was left before the chunk came, nothing runs and nothing waits', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann] = await gather(['ann'])
  if (!ann) throw new Error('one joined')
  const runs: number[] = []
  ann.asHost(() => void runs.push(1))
  const call = Promise.allSettled([ann.call('host', 'count'), ann.transferHost(ann.self.id)])
  await ann.leave()
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(await call).toMatchObject([{ reason: { code: 'closed' } }, { reason: { code: 'closed' } }])
  expect(runs).toEqual([])
})

test('the chunk comes when something needs it, and else a second after a link is open', async () => {
  const { clock, begin } = fakeWorld(1, () => {
    loads += 1
    return import('./lazy-features.ts')
  })
  let loads = 0
  const join = async (machine: string) => {
    const rooms: Room[] = []
    void begin(machine).then((room) => rooms.push(room))
    await clock.until(() => rooms.length > 0)
    const [room] = rooms
    if (!room) throw new Error('one joined')
    return room
  }
  const ann = await join('ann')
  await clock.advance(20_000)
  expect(loads).toBe(0)
  const moves = ann.channel('moves', { maxRetransmits: 0 })
  expect([moves.label, loads]).toEqual(['moves', 1])
  const ben = await join('ben')
  await clock.until(() => [...ben.peers.values()].some(({ link }) => link?.state === 'open'))
  expect(loads).toBe(1)
  await clock.advance(1_100)
  expect(loads).toBe(2)
})
