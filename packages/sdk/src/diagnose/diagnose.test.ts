import { expect, test } from 'vitest'
import type { Peer, Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'
import { diagnose } from './diagnose.ts'

const options = { sampleMs: 0, probe: false }
const linkTo = (room: Room, other: Room): Peer['link'] | undefined =>
  room.peers.get(other.self.id)?.link

/** Two that are linked. Time has to go on while `diagnose` waits for the server. */
const pair = async () => {
  const world = fakeWorld()
  const [ann, ben] = await world.gather(['ann', 'ben'])
  if (!ann || !ben) throw new Error('not all joined')
  const diagnosed = async (given: Parameters<typeof diagnose>[1] = options) => {
    let isDone = false
    const report = diagnose(ann, given).finally(() => {
      isDone = true
    })
    await world.clock.until(() => isDone)
    return report
  }
  return { ...world, ann, ben, diagnosed }
}

test('a report of a healthy room is JSON, and says that all is well', async () => {
  const { ann, ben, diagnosed } = await pair()
  const report = await diagnosed()
  expect(report.sentences).toContain('Signaling is connected, and every link is open.')
  expect(report.signaling).toMatchObject({ state: 'connected', url: 'ws://fake.test/ws' })
  expect(report.signaling.rttMs).toBeGreaterThan(0)
  expect(report.links).toMatchObject([{ peer: ben.self.id, state: 'open', brokenForMs: null }])
  expect(report.links[0]?.history.map(({ event }) => event)).toContain('open')
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  await expect(diagnose({ ...ann }, options)).rejects.toMatchObject({ code: 'bad-argument' })
})

test('each reason of a failed link has its own sentence', async () => {
  const { ann, ben, clock, network, signaling, diagnosed } = await pair()
  signaling.cut('ann')
  network.cut('ann', 'ben')
  await clock.until(() => linkTo(ann, ben)?.state === 'failed')
  const { findings, links, signaling: server } = await diagnosed()
  const codes = findings.map(({ code }) => code)
  expect(codes).toContain('link-lost')
  expect(codes).toContain('signaling-away-alone')
  expect(codes).not.toContain('link-failed')
  expect(server.rttMs).toBeNull()
  const told = links[0]?.history.map(({ event }) => event)
  expect(told).toEqual(expect.arrayContaining(['open', 'silent', 'repairing', 'failed']))
})

test('a path that heals while the link is called open is in the history', async () => {
  const { ann, ben, clock, network, diagnosed } = await pair()
  ann.channel('chat')
  network.cut('ann', 'ben')
  await clock.advance(3_000)
  network.restore('ann', 'ben')
  await clock.until(() => linkTo(ann, ben)?.state === 'open')
  await clock.advance(5_000)
  const { links } = await diagnosed()
  const told = links[0]?.history.map(({ event }) => event) ?? []
  expect(told).toContain('silent')
  expect(told.includes('healed') || told.includes('open')).toBe(true)
})

test('an abort that came before leaves out the measurements', async () => {
  const { clock, diagnosed } = await pair()
  const startedAt = clock.now()
  const { links, signaling } = await diagnosed({ signal: AbortSignal.abort(), probe: false })
  expect(clock.now() - startedAt).toBe(0)
  expect(signaling.rttMs).toBeNull()
  expect(links).toMatchObject([{ state: 'open', sentBytesPerSecond: null }])
})

test('names come from presence, from the application or from the id', async () => {
  const { ben, diagnosed } = await pair()
  expect((await diagnosed()).links[0]?.name).toBe(ben.self.id.slice(0, 8))
  ben.update({ presence: { name: 'Ben' } })
  const { links } = await diagnosed({ ...options, nameOf: () => 'my friend' })
  expect(links[0]?.name).toBe('my friend')
})

test('a room that was left is closed, and has no links', async () => {
  const { ann, clock, diagnosed } = await pair()
  const left = ann.leave()
  await clock.until(() => ann.status === 'closed')
  await left
  const report = await diagnosed()
  expect(report.findings[0]?.code).toBe('room-closed')
  expect(report.links).toEqual([])
})
