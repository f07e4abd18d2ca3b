import { afterEach, expect, test, vi } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'
import { fakeLocks, Tab } from './tab.testing.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const setups = [
  ['with Web Locks', fakeLocks],
  ['without Web Locks', () => null],
] as const

const openTab = (world: FakeWorld, locks: ReturnType<typeof fakeLocks> | null) =>
  new Tab(world, { machine: 'ann', locks })

const linkState = (room: Room, { self }: Room) => room.peers.get(self.id)?.link?.state

for (const [name, createLocks] of setups) {
  test(`${name}, a page that reloads is the same peer, host included, with its links`, async () => {
    const world = fakeWorld()
    const { clock, begin } = world
    const tab = openTab(world, createLocks())
    const before = await tab.load()
    const joining = begin('ben')
    await clock.advance(2_000)
    const ben = await joining
    await clock.until(() => linkState(ben, before) === 'open')
    const leaves: unknown[] = []
    const changes: unknown[] = []
    ben.on('peerleave', ({ reason }) => leaves.push(reason))
    ben.on('hostchange', ({ host }) => changes.push(host))
    tab.hide({ persisted: false })
    expect(before.status).toBe('closed')
    await clock.advance(1_500)
    const after = await tab.load()
    expect([after.self.id, after.isHost, after.term]).toEqual([before.self.id, true, 1])
    await clock.until(() => linkState(ben, after) === 'open' && linkState(after, ben) === 'open', {
      limitMs: 1_500,
    })
    const received: unknown[] = []
    ben.channel('chat').on('message', ({ data }) => received.push(data))
    const sent = after.channel('chat').send('back')
    await clock.until(() => received.length > 0)
    await sent
    expect([received, leaves, changes]).toEqual([['back'], [], []])
  })

  test(`${name}, a guest that reloads is the same peer, and calls the others again`, async () => {
    const world = fakeWorld()
    const { clock, begin } = world
    const joining = begin('host')
    await clock.advance(1_000)
    const host = await joining
    const tab = openTab(world, createLocks())
    const before = await tab.load()
    await clock.until(() => linkState(host, before) === 'open')
    await clock.advance(2_000)
    tab.hide({ persisted: false })
    await clock.advance(1_000)
    const after = await tab.load()
    expect(after.self.id).toBe(before.self.id)
    await clock.until(
      () => linkState(host, after) === 'open' && linkState(after, host) === 'open',
      {
        limitMs: 1_000,
      },
    )
  })

  test(`${name}, a page that does not come back is gone, with its role, after 3 s`, async () => {
    const world = fakeWorld()
    const { clock, begin } = world
    const tab = openTab(world, createLocks())
    await tab.load()
    const joining = begin('ben')
    await clock.advance(2_000)
    const ben = await joining
    tab.hide({ persisted: false })
    await clock.advance(2_900)
    expect([ben.isHost, ben.peers.size]).toEqual([false, 1])
    await clock.advance(200)
    expect([ben.isHost, ben.peers.size]).toEqual([true, 0])
  })

  test(`${name}, a duplicated tab joins as a new peer, and both stay`, async () => {
    const world = fakeWorld()
    const { clock } = world
    const tab = openTab(world, createLocks())
    const first = await tab.load()
    const copy = tab.duplicate('copy')
    const second = await copy.load()
    await clock.advance(10_000)
    expect(second.self.id).not.toBe(first.self.id)
    expect([first.status, second.status, first.peers.size]).toEqual(['connected', 'connected', 1])
    // Each of them has a seat of its own.
    copy.hide({ persisted: false })
    tab.hide({ persisted: false })
    await clock.advance(500)
    expect((await copy.load()).self.id).toBe(second.self.id)
    expect((await tab.load()).self.id).toBe(first.self.id)
  })

  test(`${name}, who has left, or comes back too late, joins as a new peer`, async () => {
    const world = fakeWorld()
    const { clock } = world
    const locks = createLocks()
    const tab = openTab(world, locks)
    const first = await tab.load()
    await first.leave()
    await clock.advance(100)
    expect([tab.storage.entries.size, locks?.held.size ?? 0]).toEqual([0, 0])
    tab.hide({ persisted: false })
    const second = await tab.load()
    expect(second.self.id).not.toBe(first.self.id)
    tab.hide({ persisted: false })
    await clock.advance(60_000)
    const third = await tab.load()
    expect(third.self.id).not.toBe(second.self.id)
    tab.hide({ persisted: false })
    await clock.advance(1_000)
    expect((await tab.load()).self.id).toBe(third.self.id)
  })

  test(`${name}, a page from the back/forward cache is the same peer, also after a reload`, async () => {
    const world = fakeWorld()
    const { clock } = world
    const locks = createLocks()
    const tab = openTab(world, locks)
    const room = await tab.load()
    tab.hide({ persisted: true })
    await clock.advance(3_000)
    expect(locks?.held.size ?? 0).toBe(0)
    tab.show()
    await clock.until(() => room.status === 'connected')
    const copy = await tab.duplicate('copy').load()
    expect(copy.self.id).not.toBe(room.self.id)
    tab.hide({ persisted: false })
    await clock.advance(500)
    expect((await tab.load()).self.id).toBe(room.self.id)
  })

  test(`${name}, a page that follows a link and comes back by loading anew is the same peer`, async () => {
    const world = fakeWorld()
    const tab = openTab(world, createLocks())
    const before = await tab.load()
    // As in Chrome, which then throws the page out of its cache.
    tab.hide({ persisted: true })
    await world.clock.advance(5_000)
    expect((await tab.load()).self.id).toBe(before.self.id)
  })
}

test('a reload tells the server twice that the page may be back: Firefox has closed its socket', async () => {
  const world = fakeWorld()
  const { signaling, clock } = world
  const tab = openTab(world, fakeLocks())
  const before = await tab.load()
  signaling.drop('ann')
  await clock.advance(5)
  tab.hide({ persisted: false })
  expect(signaling.beacons).toMatchObject([{ type: 'away', reload: true }])
  await clock.advance(1_000)
  expect((await tab.load()).self.id).toBe(before.self.id)
})

test('without `rejoin`, a reload is a leave and a join', async () => {
  const world = fakeWorld()
  const tab = openTab(world, fakeLocks())
  const before = await tab.load({})
  tab.hide({ persisted: false })
  await world.clock.advance(500)
  expect((await tab.load({})).self.id).not.toBe(before.self.id)
  expect(tab.storage.entries.size).toBe(0)
})

test('a user who blocks storage can join', async () => {
  const world = fakeWorld()
  const blocked = () => {
    throw new DOMException('blocked', 'SecurityError')
  }
  const storage = { getItem: blocked, setItem: blocked, removeItem: blocked }
  const joining = world.begin('ann', { rejoin: 'session' }, { storage, locks: fakeLocks() })
  await world.clock.advance(1_000)
  expect((await joining).status).toBe('connected')
})

test('what anybody else has put into the storage is ignored', async () => {
  const world = fakeWorld()
  for (const text of ['', '{', '7', '{"name":7,"resume":"x"}', '{"name":"x"}']) {
    const tab = openTab(world, fakeLocks())
    tab.storage.setItem('skein ws://fake.test/ws blue-door', text)
    expect((await tab.load()).status).toBe('connected')
  }
})
