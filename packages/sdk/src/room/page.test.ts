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

test('a page in the back/forward cache stays: its links stay open, and messages arrive', async () => {
  const world = fakeWorld()
  const { page, ann, ben } = await pageAndPeer(world)
  page.dispatchEvent(pagehide(true))
  await world.clock.advance(30_000)
  expect([ann.status, ann.isHost, ben.peers.size]).toEqual(['connected', true, 1])
  const received: unknown[] = []
  ben.channel('x').on('message', ({ data }) => received.push(data))
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await ann.channel('x').send('back')
  await world.clock.until(() => received.length > 0)
  expect(received).toEqual(['back'])
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
      const { page, ann, ben } = await pageAndPeer(world)
      network.cut('ann', 'ben')
      const cutAt = clock.now()
      if (hasEvent) page.dispatchEvent(new Event(name))
      await clock.until(() => ann.peers.get(ben.self.id)?.link?.state === 'repairing')
      return clock.now() - cutAt
    }
    expect(await detectionMs(true)).toBeLessThan(await detectionMs(false))
  })
}
