import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

/** Ann's link to Cid has failed, the one to Ben is open, and Ben does not relay. */
const withFailedLink = async () => {
  const { clock, gather, network } = fakeWorld()
  const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'], {
    canRelay: false,
  })) as [Room, Room, Room]
  network.cut('ann', 'cid')
  await clock.until(() => ann.peers.get(cid.self.id)?.link?.state === 'failed', {
    limitMs: 300_000,
  })
  return { clock, ann, ben, cid }
}

for (const ack of [false, true]) {
  test(`a send to all resolves although one link has failed, and the outcome names it, ack: ${ack}`, async () => {
    const { clock, ann, ben, cid } = await withFailedLink()
    ben.channel('x').on('message', () => {})
    const sent = ann.channel('x').send(1, { ack })
    await clock.advance(1_000)
    const failed = new Map([[cid.self.id, 'peer-unreachable']])
    expect(await sent).toEqual({ reached: [ben.self.id], failed })
  })
}

test('a send to named peers rejects when one was not reached; the cause is the outcome', async () => {
  const { ann, ben, cid } = await withFailedLink()
  const failed = new Map([[cid.self.id, 'peer-unreachable']])
  const cause = { reached: [ben.self.id], failed }
  const sent = ann.channel('x').send(1, { to: [ben.self.id, cid.self.id] })
  await expect(sent).rejects.toMatchObject({ code: 'peer-unreachable', cause })
})

test('a send to the host resolves with the host, or rejects with the outcome', async () => {
  const { clock, ann, ben, cid } = await withFailedLink()
  expect(ann.isHost).toBe(true)
  const toSelf = ann.channel('x').send(1, { to: 'host' })
  const toHost = ben.channel('x').send(1, { to: 'host' })
  const settled: unknown[] = []
  cid
    .channel('x')
    .send(1, { to: 'host', timeoutMs: 100 })
    .catch((error) => settled.push(error.code, error.cause))
  await clock.advance(1_000)
  expect(await toSelf).toEqual({ reached: [ann.self.id], failed: new Map() })
  expect(await toHost).toEqual({ reached: [ann.self.id], failed: new Map() })
  const failed = new Map([[ann.self.id, 'timeout']])
  expect(settled).toEqual(['timeout', { reached: [], failed }])
})

test('alone in a room, a send resolves with an empty outcome', async () => {
  const { gather } = fakeWorld()
  const [ann] = (await gather(['ann'])) as [Room]
  expect(await ann.channel('x').send(1)).toEqual({ reached: [], failed: new Map() })
})

for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 40]) {
  test(`timeoutMs: ${timeoutMs} waits as long as it takes`, async () => {
    const { clock, gather } = fakeWorld()
    const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
    const done: string[] = []
    const { signal, abort } = new AbortController()
    expect([signal.aborted, typeof abort]).toEqual([false, 'function'])
    ben.handle('wait', () => new Promise(() => {}))
    const sends = [
      ann.channel('x').send(1, { to: 'host', timeoutMs }),
      ann.channel('x').send(1, { ack: true, timeoutMs }),
      ann.call(ben.self.id, 'wait', null, { timeoutMs }),
    ]
    for (const each of sends) each.catch(({ code }) => done.push(code))
    await clock.advance(1_000_000)
    expect(done).toEqual([])
  })
}
