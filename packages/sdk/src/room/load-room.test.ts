import { afterEach, expect, test, vi } from 'vitest'
import { type FakeWorld, fakeWorld } from './fake-world.testing.ts'
import * as room from './room.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The code of the room, which a test loads when it likes. */
const codeOfRoom = () => {
  const { promise, resolve, reject } = Promise.withResolvers<typeof room>()
  return { loadRoom: () => promise, arrives: () => resolve(room), fails: reject }
}

const membersOf = ({ signaling }: FakeWorld) => signaling.room('blue-door')?.members.length ?? 0

test('the server admits the page while the code of the room still loads', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const code = codeOfRoom()
  const joining = begin('ann', {}, code)
  await clock.until(() => membersOf(world) === 1)
  await clock.advance(1_000)
  code.arrives()
  const ann = await joining
  expect(ann).toMatchObject({ status: 'connected', isHost: true })
})

test('what happens while the code of the room loads is there, in order, when it has loaded', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const code = codeOfRoom()
  const joining = begin('ann', {}, code)
  await clock.until(() => membersOf(world) === 1)
  const [ben, eve] = await Promise.all(
    ['ben', 'eve'].map(async (name) => {
      const other = begin(name)
      await clock.advance(1_000)
      return other
    }),
  )
  await ben?.leave()
  await clock.advance(1_000)
  code.arrives()
  const ann = await joining
  expect([...ann.peers.keys()]).toEqual([eve?.self.id])
  await clock.until(() => ann.peers.get(eve?.self.id ?? ann.self.id)?.link?.state === 'open')
  const kim = begin('kim')
  await clock.advance(1_000)
  await kim
  expect(ann.peers.size).toBe(2)
})

test('a page that loses the server while the code of the room loads joins when it is back', async () => {
  const world = fakeWorld()
  const { clock, begin, signaling } = world
  const code = codeOfRoom()
  const joining = begin('ann', {}, code)
  await clock.until(() => membersOf(world) === 1)
  signaling.stop()
  await clock.advance(2_000)
  code.arrives()
  signaling.start()
  await clock.advance(8_000)
  expect(await joining).toMatchObject({ status: 'connected' })
})

test('code that does not load rejects the join, says so, and leaves no member behind', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const code = codeOfRoom()
  const joining = Promise.allSettled([begin('ann', {}, code)])
  await clock.until(() => membersOf(world) === 1)
  const cause = new TypeError('Failed to fetch dynamically imported module')
  code.fails(cause)
  const message = 'Could not load a part of the SDK.'
  expect(await joining).toMatchObject([{ reason: { code: 'connect-failed', message, cause } }])
  await clock.advance(100)
  expect(membersOf(world)).toBe(0)
})

test('code that never comes rejects the join at its time limit', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const joining = Promise.allSettled([begin('ann', { timeoutMs: 3_000 }, codeOfRoom())])
  await clock.advance(3_001)
  expect(await joining).toMatchObject([{ reason: { code: 'timeout' } }])
  await clock.advance(100)
  expect([membersOf(world), clock.pending]).toEqual([0, 0])
})

test('an abort while the code loads rejects the join, and leaves no member behind', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const stop = new AbortController()
  const joining = Promise.allSettled([begin('ann', { signal: stop.signal }, codeOfRoom())])
  await clock.until(() => membersOf(world) === 1)
  stop.abort()
  expect(await joining).toMatchObject([{ reason: { code: 'aborted' } }])
  await clock.advance(100)
  expect([membersOf(world), clock.pending]).toEqual([0, 0])
})

test('a page that goes away while the code loads leaves at once', async () => {
  const world = fakeWorld()
  const { clock, begin } = world
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  const code = codeOfRoom()
  const joining = Promise.allSettled([begin('ann', { timeoutMs: 3_000 }, code)])
  await clock.until(() => membersOf(world) === 1)
  page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }))
  await clock.advance(100)
  expect(membersOf(world)).toBe(0)
  code.arrives()
  await clock.advance(3_001)
  await joining
})
