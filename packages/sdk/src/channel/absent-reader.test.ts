import { expect, test } from 'vitest'
import type { Room, SendOutcome } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

const three = async () => {
  const world = fakeWorld()
  const rooms = (await world.gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
  await world.clock.advance(1_000)
  return { ...world, rooms }
}

const listen = (room: Room, label: string): unknown[] => {
  const received: unknown[] = []
  room.channel<number[]>(label).on('message', ({ data }) => received.push(data[0]))
  return received
}

const errorsOf = (room: Room): string[] => {
  const errors: string[] = []
  room.on('error', ({ error }) => errors.push(`${error.code}: ${error.message}`))
  return errors
}

const padding = 'x'.repeat(60_000)

test('a peer that never opened the channel holds up nobody, keeps the newest messages and reports once that it dropped others', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  const received = listen(ben, 'moves')
  const errors = errorsOf(cid)
  const outcomes: SendOutcome[] = []
  const all = (async () => {
    for (let number = 0; number < 200; number += 1) {
      outcomes.push(await ann.channel<unknown>('moves').send([number, padding]))
    }
  })()
  await clock.until(() => outcomes.length === 200, { limitMs: 20_000 })
  await all
  await clock.advance(1_000)
  const reached = [ben.self.id, cid.self.id]
  expect(new Set(outcomes.map((outcome) => outcome.failed.size))).toEqual(new Set([0]))
  expect(outcomes.at(-1)?.reached).toEqual(reached)
  expect(received).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect(errors).toEqual([expect.stringMatching(/^queue-full: .*"moves"/)])
  const late = listen(cid, 'moves') as number[]
  await clock.advance(100)
  // Up to 2 MiB, the newest ones, in order.
  expect(late.at(-1)).toBe(199)
  expect(late).toEqual(Array.from({ length: late.length }, (_, at) => 200 - late.length + at))
  expect(late.length).toBeGreaterThan(30)
  expect(late.length).toBeLessThan(40)
})

test('however many channels a peer invents, what is held for them is bounded', async () => {
  const { clock, rooms } = await three()
  const [ann, ben] = rooms
  const bytes = new Uint8Array(2 * 2 ** 20 - 1_000)
  const labels = Array.from({ length: 80 }, (_, number) => `invented ${number}`)
  const sends = labels.map((label) => ann.channel<unknown>(label).send(bytes, { to: ben.self.id }))
  await clock.advance(20_000)
  await Promise.all(sends)
  let held = 0
  for (const label of labels) ben.channel(label).on('message', () => (held += 1))
  await clock.advance(100)
  expect(held).toBeGreaterThan(30)
  expect(held).toBeLessThanOrEqual(65)
})

test('a channel that is open but has no listener holds up nobody either', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  const received = listen(ben, 'moves')
  const errors = errorsOf(cid)
  cid.channel('moves')
  let sent = 0
  const all = (async () => {
    for (; sent < 100; sent += 1) await ann.channel<unknown>('moves').send([sent, padding])
  })()
  await clock.until(() => sent === 100, { limitMs: 20_000 })
  await all
  await clock.advance(1_000)
  expect(received.length).toBe(100)
  expect(errors.length).toBe(1)
})

test('a reader that is stuck is in `failed` after the time limit, does not stop the others, and learns of the gap when it reads again', async () => {
  const { clock, rooms } = await three()
  const [ann, ben, cid] = rooms
  const received = listen(ben, 'moves')
  const errors = errorsOf(cid)
  const reader = cid.channel<number[]>('moves')[Symbol.asyncIterator]()
  const first = reader.next()
  const outcomes: SendOutcome[] = []
  const all = (async () => {
    for (let number = 0; number < 100; number += 1) {
      const options = { timeoutMs: 2_000 }
      outcomes.push(await ann.channel<unknown>('moves').send([number, padding], options))
    }
  })()
  // One time limit in all, not one for each message.
  await clock.until(() => outcomes.length === 100, { limitMs: 4_000 })
  await Promise.all([all, first])
  await clock.until(() => received.length === 100)
  const missed = outcomes.filter(({ failed }) => failed.get(cid.self.id) === 'timeout').length
  expect(missed).toBeGreaterThan(40)
  expect(outcomes.every(({ reached }) => reached.includes(ben.self.id))).toBe(true)
  expect(errors).toEqual([])
  const numbers: unknown[] = [(await first).value?.data[0]]
  let reading = true
  const readAll = (async () => {
    while (reading) numbers.push((await reader.next()).value?.data[0])
  })()
  await clock.advance(5_000)
  expect(numbers).toEqual(Array.from({ length: 100 - missed }, (_, number) => number))
  expect(errors).toEqual([expect.stringMatching(new RegExp(`^timeout: ${missed} .*"moves"`))])
  // From now on it gets everything again.
  reading = false
  const last = ann.channel<unknown>('moves').send([100])
  await clock.advance(1_000)
  expect((await last).reached).toEqual([ben.self.id, cid.self.id])
  expect(numbers.at(-1)).toBe(100)
  await readAll
})

test('without options a send fails after 30 s, and what it withdrew never arrives', async () => {
  const { clock, begin, network } = fakeWorld()
  const joining = Promise.all([begin('ann'), begin('ben')])
  await clock.advance(500)
  const [ann, ben] = await joining
  const received = listen(ben, 'x')
  const codes: unknown[] = []
  network.cut('ann', 'ben')
  const startedAt = clock.now()
  const channel = ann.channel<unknown>('x')
  const to = ben.self.id
  // It fills the window, so that the next one cannot begin.
  void channel.send(new Uint8Array(6_000_000), { to }).catch(() => {})
  const sent = channel.send([1], { to }).catch(({ code }) => codes.push(code))
  await clock.until(() => codes.length > 0, { limitMs: 30_001 })
  await sent
  expect([codes, clock.now() - startedAt]).toEqual([['timeout'], 30_000])
  network.restore('ann', 'ben')
  await clock.until(() => ann.peers.get(ben.self.id)?.link?.state === 'open')
  await clock.advance(1_000)
  // The first byte of the large one.
  expect(received).toEqual([0])
})
