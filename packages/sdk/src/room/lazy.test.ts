import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { fakeWorld } from './fake-world.testing.ts'
import { createLazy } from './lazy.ts'

test('a failed load is retried on the next use, which rejects if it fails again', async () => {
  let loads = 0
  const clock = virtualClock()
  const later = createLazy(clock, async () => {
    loads += 1
    if (loads < 3) throw new Error('offline')
    return 'chunk'
  })
  const use = () => later.use({}, async (value) => value)
  later.useInBackground(() => {})
  await clock.settle()
  expect(loads).toBe(1)
  await expect(use()).rejects.toMatchObject({ code: 'connect-failed' })
  expect(await use()).toBe('chunk')
  expect(await use()).toBe('chunk')
  expect(loads).toBe(3)
  let received = ''
  later.useInBackground((value) => {
    received = value
  })
  // Synchronously, because it is loaded.
  expect(received).toBe('chunk')
})

for (const timeoutMs of [50, undefined]) {
  test(`a use times out while the value loads: ${timeoutMs ?? 'default'}`, async () => {
    const clock = virtualClock()
    const later = createLazy(clock, () => new Promise<string>(() => {}))
    const used = later.use(timeoutMs ? { timeoutMs } : {}, async (value) => value)
    const [result] = await Promise.all([
      Promise.allSettled([used]),
      clock.advance((timeoutMs ?? 10_000) + 1),
    ])
    expect(result).toMatchObject([{ reason: { code: 'timeout' } }])
  })
}

test('calls and registrations made before the chunk is loaded take effect when it is', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann, ben] = await gather(['ann', 'ben'])
  if (!ann || !ben) throw new Error('not all joined')
  const runs: number[] = []
  const unsubscribe = ann.asHost(() => void runs.push(1))
  ann.asHost(() => void runs.push(2))
  unsubscribe()
  ben.handle('add', ([one, other]: [number, number]) => one + other)
  const sum = ann.call(ben.self.id, 'add', [1, 2])
  await clock.advance(1_000)
  expect(runs).toEqual([])
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(await sum).toBe(3)
  expect(runs).toEqual([2])
})

test('a call that timed out while the chunk was loading is not made', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann, ben] = await gather(['ann', 'ben'])
  if (!ann || !ben) throw new Error('not all joined')
  let runs = 0
  ben.handle('count', () => {
    runs += 1
  })
  const settled = Promise.allSettled([ann.call(ben.self.id, 'count', null, { timeoutMs: 100 })])
  await clock.advance(1_000)
  expect(await settled).toMatchObject([{ reason: { code: 'timeout' } }])
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(runs).toBe(0)
})

test('in a room left before the chunk is loaded, tasks do not run and calls reject', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof import('./lazy-features.ts')>()
  const { clock, gather } = fakeWorld(1, () => promise)
  const [ann] = await gather(['ann'])
  if (!ann) throw new Error('did not join')
  const runs: number[] = []
  ann.asHost(() => void runs.push(1))
  const settled = Promise.allSettled([ann.call('host', 'count'), ann.transferHost(ann.self.id)])
  await ann.leave()
  resolve(await import('./lazy-features.ts'))
  await clock.advance(1_000)
  expect(await settled).toMatchObject([
    { reason: { code: 'closed' } },
    { reason: { code: 'closed' } },
  ])
  expect(runs).toEqual([])
})

test('the chunk is loaded once, after the welcome: before the page can lose the server', async () => {
  let loads = 0
  const { clock, begin } = fakeWorld(1, () => {
    loads += 1
    return import('./lazy-features.ts')
  })
  const joined: Room[] = []
  void begin('ann').then((room) => joined.push(room))
  expect(loads).toBe(0)
  await clock.until(() => joined.length > 0)
  expect(loads).toBe(1)
  joined[0]?.channel('moves', { maxRetransmits: 0 })
  await clock.advance(20_000)
  expect(loads).toBe(1)
})
