import { afterEach, expect, inject, test } from 'vitest'
import type { Room } from '../api.ts'
import { allOpen, enter, enterTogether, freshRoom, leaveAll, until } from '../room/rooms.testing.ts'
import { check } from './check.ts'
import { diagnose } from './diagnose.ts'

afterEach(leaveAll)

const together = async () => {
  const rooms = (await enterTogether(2, { presence: { name: 'Ben' } })) as [Room, Room]
  await Promise.all(rooms.map((room) => until(room, () => allOpen(room))))
  return rooms
}

test('a live room is diagnosed: round trips, the pair in words, throughput, history', async () => {
  const [ann, ben] = await together()
  const end = Date.now() + 700
  const chat = ann.channel<string>('chat')
  ben.channel<string>('chat').on('message', () => {})
  const sending = (async () => {
    while (Date.now() < end) await chat.send('x'.repeat(10_000))
  })()
  const report = await diagnose(ann, { sampleMs: 500 })
  await sending
  expect(report).toMatchObject({ version: 1, browser: 'chromium' })
  expect(report.sentences).toContain('Signaling is connected, and every link is open.')
  expect(report.signaling.rttMs).toBeGreaterThan(0)
  const [link] = report.links
  expect(link).toMatchObject({ peer: ben.self.id, name: 'Ben', state: 'open', brokenForMs: null })
  expect(link?.pair?.words).toMatch(/^your own UDP address ↔ Ben’s .*UDP address/)
  expect(link?.sentBytesPerSecond).toBeGreaterThan(10_000)
  expect(link?.receivedBytesPerSecond).toBeGreaterThan(0)
  expect(link?.history.map(({ sentence }) => sentence)).toContain('The link is open.')
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
})

test('addresses are in a report only if it is asked for them', async () => {
  const [ann] = await together()
  const quick = { sampleMs: 0 }
  const [masked] = (await diagnose(ann, quick)).links
  expect(masked?.pair).toMatchObject({ local: { address: null, port: null } })
  const [shown] = (await diagnose(ann, { ...quick, addresses: true })).links
  expect(shown?.pair?.local.port).toBeGreaterThan(0)
})

test('servers are tried on request', async () => {
  const [ann] = await together()
  const { network } = await diagnose(ann, { sampleMs: 0, probe: true })
  expect(network).toMatchObject({ isOnline: true, hasCandidates: true, servers: [] })
  expect(['granted', 'prompt', 'denied']).toContain(network.localNetwork)
})

test('a check opens a WebSocket and connects in this page, without joining a room', async () => {
  const { isOk, results, findings } = await check({ url: inject('signaling') })
  expect(isOk).toBe(true)
  expect(findings).toEqual([])
  expect(results.map(({ name, result }) => [name, result])).toEqual([
    ['websocket', 'ok'],
    ['stun', 'skipped'],
    ['turn-udp', 'skipped'],
    ['turn-tcp', 'skipped'],
    ['turn-tls', 'skipped'],
    ['direct', 'ok'],
  ])
  for (const { result, ms } of results) expect(ms === null).toBe(result !== 'ok')
})

test('a check that joins a room for the ICE servers leaves nobody in it', async () => {
  const room = freshRoom()
  const { results } = await check({ url: inject('signaling'), room })
  expect(results.find(({ name }) => name === 'stun')).toMatchObject({ code: 'not-set' })
  expect((await enter(room)).peers.size).toBe(0)
})

test('servers that do not answer, and one that the browser refuses, are told', async () => {
  const { isOk, results, findings } = await check({
    url: 'ws://127.0.0.1:9/ws',
    iceServers: [
      { urls: 'stun:192.0.2.1:3478' },
      { urls: 'turn:127.0.0.1:45999?transport=tcp', username: 'u', credential: 'c' },
    ],
    timeoutMs: 2_000,
  })
  expect(isOk).toBe(false)
  const codeOf = (name: string) => results.find((each) => each.name === name)?.code
  expect(codeOf('websocket')).toBe('websocket-failed')
  expect(codeOf('stun')).toBe('stun-no-answer')
  expect(codeOf('turn-tcp')).toBe('turn-no-answer')
  expect(findings.map(({ code }) => code)).toEqual(['stun-no-answer', 'turn-no-answer'])
})

test('a check can be aborted, and rejects a URL that is none', async () => {
  const signal = AbortSignal.abort()
  await expect(check({ url: inject('signaling'), signal })).rejects.toMatchObject({
    code: 'aborted',
  })
  await expect(check({ url: 'https://example.org' })).rejects.toMatchObject({
    code: 'bad-argument',
  })
})
