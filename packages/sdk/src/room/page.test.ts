import { getEventListeners } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Ann joins from a page whose window is `page`; Ben joins without one. */
const pageAndPeer = async (world: FakeWorld) => {
  const page = new EventTarget()
  const document = Object.assign(new EventTarget(), { hidden: false })
  const { clock, signaling, begin } = world
  const frames: string[] = []
  class RecordingSocket extends signaling.port('ann') {
    override send(data: string): void {
      frames.push(JSON.parse(data).type)
      super.send(data)
    }
  }
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) {
    vi.stubGlobal(name, page[name].bind(page))
  }
  vi.stubGlobal('document', document)
  vi.stubGlobal('window', globalThis)
  const first = begin('ann', { WebSocket: RecordingSocket })
  await clock.until(() => signaling.room('blue-door')?.members.length === 1)
  await clock.advance(100)
  vi.unstubAllGlobals()
  const second = begin('ben')
  await clock.advance(1_000)
  const [ann, ben] = await Promise.all([first, second])
  const isOpen = ({ peers }: Room) => [...peers.values()].some(({ link }) => link?.state === 'open')
  await clock.until(() => isOpen(ann) && isOpen(ben))
  return { page, document, frames, ann, ben }
}

/** As `pageAndPeer`, but no path leads from one to the other, and their link has failed. */
const pageWithoutLinks = async (world: FakeWorld) => {
  const joined = await pageAndPeer(world)
  const { ann, ben } = joined
  world.network.cut('ann', 'ben')
  const isFailed = () => ann.peers.get(ben.self.id)?.link?.state === 'failed'
  await world.clock.until(isFailed, { limitMs: 300_000 })
  return joined
}

/** Node has no PageTransitionEvent. */
const pagehide = (persisted: boolean) => Object.assign(new Event('pagehide'), { persisted })

test('a page that goes away leaves, and the others see it at once', async () => {
  const world = fakeWorld()
  const { page, ann, ben } = await pageAndPeer(world)
  const reasons: string[] = []
  ben.on('peerleave', ({ reason }) => reasons.push(reason))
  page.dispatchEvent(pagehide(false))
  expect(ann.status).toBe('closed')
  expect(await ann.closed).toBe(null)
  // Far less than any grace period: the page sent `leave`.
  await world.clock.advance(100)
  expect(reasons).toEqual(['left'])
  expect(ben.isHost).toBe(true)
})

test('a page that goes away says so over HTTP too, for its socket may be closed already', async () => {
  const world = fakeWorld()
  const { clock, signaling } = world
  const { page, ben } = await pageAndPeer(world)
  // As Firefox does, before `pagehide`.
  signaling.cut('ann')
  page.dispatchEvent(pagehide(false))
  await clock.advance(100)
  expect([ben.peers.size, ben.isHost]).toEqual([0, true])
  expect(signaling.beacons).toMatchObject([{ url: 'http://fake.test/leave', type: 'leave' }])
})

for (const isCut of [false, true]) {
  const what = isCut ? 'whose socket carries nothing any more' : 'with a working socket'
  test(`a host ${what} and without links, put into the back/forward cache, is offline and no host within 1 s`, async () => {
    const world = fakeWorld()
    const { clock, signaling } = world
    const { page, ann, ben } = await pageWithoutLinks(world)
    if (isCut) signaling.cut('ann')
    page.dispatchEvent(pagehide(true))
    expect([ann.status, ann.isHost]).toEqual(['degraded', false])
    await clock.advance(1_000)
    expect(ben.isHost).toBe(true)
    expect(ben.peers.get(ann.self.id)?.online).toBe(false)
  })

  test(`a host ${what} that follows a link leaves at once: browsers keep no page with peer connections`, async () => {
    const world = fakeWorld()
    const { clock, signaling } = world
    const { page, ann, ben } = await pageAndPeer(world)
    const reasons: string[] = []
    ben.on('peerleave', ({ reason }) => reasons.push(reason))
    if (isCut) signaling.cut('ann')
    page.dispatchEvent(pagehide(true))
    expect([ann.status, ann.isHost]).toEqual(['degraded', false])
    await clock.advance(1_000)
    expect([reasons, ben.isHost, ben.peers.size]).toEqual([['left'], true, 0])
  })
}

test('back within the grace period, a page without links is the same member', async () => {
  const world = fakeWorld()
  const { clock, network } = world
  const { page, ann, ben } = await pageWithoutLinks(world)
  const { id } = ann.self
  page.dispatchEvent(pagehide(true))
  await clock.advance(4_000)
  network.restore('ann', 'ben')
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await clock.advance(50)
  expect([ann.status, ann.self.id, ann.isHost, ben.isHost]).toEqual(['connected', id, false, true])
})

test('a page with peer connections that comes out of the cache after all is a new member, with new links', async () => {
  const world = fakeWorld()
  const { clock } = world
  const { page, ann, ben } = await pageAndPeer(world)
  const { id } = ann.self
  page.dispatchEvent(pagehide(true))
  await clock.advance(4_000)
  const received: unknown[] = []
  ben.channel('x').on('message', ({ data }) => received.push(data))
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await clock.until(() => ann.status === 'connected')
  expect([ann.self.id === id, ann.isHost, ben.isHost]).toEqual([false, false, true])
  const sent = ann.channel('x').send('back')
  await clock.until(() => received.length > 0)
  await sent
  expect([received, ben.peers.size]).toEqual([['back'], 1])
})

test('alone in a room, a page in the cache hosts nothing, and a newcomer gets a working room', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const { page, ann, ben } = await pageAndPeer(world)
  await ben.leave()
  await clock.advance(100)
  const { term } = ann
  page.dispatchEvent(pagehide(true))
  await clock.advance(1_000)
  const joining = begin('cid')
  await clock.advance(100)
  const cid = await joining
  expect([cid.isHost, cid.term > term]).toEqual([true, true])
  await clock.advance(30_000)
  expect(cid.peers.size).toBe(0)
})

test('a host task stops when its page is put away, and does not run again on the old term', async () => {
  const world = fakeWorld()
  const { clock } = world
  const { page, ann } = await pageAndPeer(world)
  const runs: { readonly term: number; readonly signal: AbortSignal }[] = []
  ann.asHost((run) => void runs.push(run))
  await clock.advance(100)
  page.dispatchEvent(pagehide(true))
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true])
  await clock.advance(2_000)
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await clock.advance(2_000)
  expect(runs.length).toBe(1)
})

test('a hidden page sends no ping until it is visible', async () => {
  const { page, document, frames } = await pageAndPeer(fakeWorld())
  vi.stubGlobal('document', document)
  frames.length = 0
  document.hidden = true
  page.dispatchEvent(new Event('visibilitychange'))
  expect(frames).toEqual([])
  document.hidden = false
  page.dispatchEvent(new Event('visibilitychange'))
  expect(frames).toEqual(['ping'])
})

test('a room that was left has no listeners on the page', async () => {
  const { page, ann } = await pageAndPeer(fakeWorld())
  const listeners = () =>
    ['online', 'pageshow', 'visibilitychange', 'pagehide'].flatMap((name) =>
      getEventListeners(page, name),
    )
  expect(listeners()).not.toEqual([])
  await ann.leave()
  expect(listeners()).toEqual([])
})

for (const name of ['online', 'visibilitychange', 'pageshow']) {
  test(`on ${name} the server gets a ping at once`, async () => {
    const { page, frames, ann } = await pageAndPeer(fakeWorld())
    frames.length = 0
    page.dispatchEvent(new Event(name))
    expect(frames).toEqual(['ping'])
    // After leaving, nothing is sent.
    await ann.leave()
    frames.length = 0
    page.dispatchEvent(new Event(name))
    page.dispatchEvent(pagehide(false))
    expect(frames).toEqual([])
  })

  test(`on ${name} a dead link is found sooner than by its silence`, async () => {
    const detectionMs = async (hasEvent: boolean) => {
      const world = fakeWorld()
      const { clock, network } = world
      const { page } = await pageAndPeer(world)
      network.cut('ann', 'ben')
      const cutAt = clock.now()
      const before = network.connections('ann').length
      if (hasEvent) page.dispatchEvent(new Event(name))
      // It makes another connection.
      await clock.until(() => network.connections('ann').length > before)
      return clock.now() - cutAt
    }
    expect(await detectionMs(true)).toBeLessThan(await detectionMs(false))
  })
}
