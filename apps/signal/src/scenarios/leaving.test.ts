import { expect, test } from 'vitest'
import { sendBeacon } from '../testing/beacon.ts'
import { needs } from '../testing/needs.ts'
import { startNodes } from '../testing/nodes.ts'
import { anySilence, type Member, startTestServer, type TestServer } from '../testing/servers.ts'

const startPair = async (options = {}) => {
  const server = await startTestServer(options)
  const host = await server.member('r')
  const guest = await server.member('r')
  await host.client.next('peer-joined')
  return { server, host, guest }
}

/** Waits until the room has handled everything sent before, and expects that nobody was affected. */
const expectUnaffected = async (observer: Member, mark: string): Promise<void> => {
  observer.client.send({ type: 'update', presence: { mark } })
  for (;;) {
    const { peer } = await observer.client.next('peer-updated')
    expect(peer.online).toBe(true)
    if (peer.presence?.mark === mark) break
  }
  expect(observer.client.received('peer-left')).toEqual([])
  expect(observer.client.received('host')).toEqual([])
}

/** Drops the socket of a page, as Firefox does before `pagehide`. */
const closePage = async (page: Member, observer: Member): Promise<void> => {
  page.client.drop()
  const { peer } = await observer.client.next('peer-updated')
  expect(peer).toMatchObject({ id: page.id, online: false })
}

test('a page whose socket is already gone leaves by a beacon, and its role moves at once', async () => {
  const { server, host, guest } = await startPair()
  await closePage(host, guest)
  expect(await sendBeacon(server, { type: 'leave', resume: host.resume })).toBe(204)
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'left' })
  expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'left', term: 2 })
})

test('a page whose socket is still open leaves by a beacon, and the socket is closed', async () => {
  const { server, host, guest } = await startPair()
  expect(await sendBeacon(server, { type: 'leave', resume: host.resume })).toBe(204)
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'left' })
  expect(await host.client.closed).toEqual({ code: 4000 })
})

test('a page that is put away gives up its role at once by a beacon, and is the same member when it is back', async () => {
  const { server, host, guest } = await startPair()
  await closePage(host, guest)
  expect(await sendBeacon(server, { type: 'away', resume: host.resume })).toBe(204)
  expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'timeout' })
  const back = await server.connect()
  const welcome = await back.join('r', { resume: host.resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id: host.id }, host: guest.id, term: 2 })
  expect(guest.client.received('peer-left')).toEqual([])
})

test('a page that reloads keeps its role for 3 s by a beacon, and no longer', async () => {
  let now = 1_700_000_000_000
  const { server, host, guest } = await startPair({ now: () => now, tuning: anySilence })
  await closePage(host, guest)
  const beacon = { type: 'away', reload: true, resume: host.resume } as const
  expect(await sendBeacon(server, beacon)).toBe(204)
  now += 2_999
  await expectUnaffected(guest, 'still host')
  const back = await server.connect()
  const welcome = await back.join('r', { resume: host.resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id: host.id }, host: host.id, term: 1 })
  back.drop()
  await guest.client.next('peer-updated')
  await guest.client.next('peer-updated')
  expect(await sendBeacon(server, { ...beacon, resume: welcome.resume })).toBe(204)
  now += 3_000
  // Any message does what is due.
  guest.client.send({ type: 'update', presence: { due: true } })
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'timeout' })
  expect(guest.client.received('host')).toMatchObject([{ host: guest.id, term: 2 }])
})

test('a late beacon of the page before a reload changes nothing for the page after it', async () => {
  const { server, host, guest } = await startPair()
  await closePage(host, guest)
  const back = await server.connect()
  await back.join('r', { resume: host.resume })
  await guest.client.next('peer-updated')
  for (const [type, reload] of [
    ['leave', false],
    ['away', true],
    ['away', false],
  ] as const) {
    expect(await sendBeacon(server, { type, reload, resume: host.resume })).toBe(204)
    await expectUnaffected(guest, `${type} ${reload}`)
  }
  await back.settle()
})

test('forged, foreign and expired tokens change nothing, and get the same response', async () => {
  let now = 1_700_000_000_000
  const secret = 'north'.repeat(7)
  const day = 24 * 3_600_000
  const clock = {
    now: () => now,
    rebuildMs: 0,
    tuning: anySilence,
  }
  const { server, host, guest } = await startPair({ ...clock, secret })
  const other = await startTestServer({ ...clock, secret: 'south'.repeat(7) })
  const foreign = await other.member('r')
  const elsewhere = await server.member('elsewhere')
  const [payload = '', mac = ''] = host.resume.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, id: guest.id })).toString('base64url')
  for (const resume of [`${forged}.${mac}`, payload, '', 'nonsense', foreign.resume]) {
    expect(await sendBeacon(server, { type: 'leave', resume })).toBe(204)
  }
  await elsewhere.client.leave()
  expect(await sendBeacon(server, { type: 'leave', resume: elsewhere.resume })).toBe(204)
  now += day
  expect(await sendBeacon(server, { type: 'leave', resume: host.resume })).toBe(204)
  await expectUnaffected(guest, 'nothing happened')
})

test.each([
  ['no JSON', 'leave'],
  ['no object', '"leave"'],
  ['null', 'null'],
  ['no token', '{"type":"leave"}'],
  ['a token that is no text', '{"type":"leave","resume":1}'],
  ['an unknown type', '{"type":"kick","resume":"x"}'],
  ['a reload that is no boolean', '{"type":"away","reload":1,"resume":"x"}'],
])('a beacon with %s gets 400', async (_, body) => {
  const server = await startTestServer()
  expect(await sendBeacon(server, body)).toBe(400)
})

test('a beacon of 4 KiB is read, and one more byte gets 413', async () => {
  const server = await startTestServer()
  const beacon = (bytes: number): string => {
    const empty = JSON.stringify({ type: 'leave', resume: '' })
    return JSON.stringify({ type: 'leave', resume: 'x'.repeat(bytes - empty.length) })
  }
  expect(await sendBeacon(server, beacon(4_096))).toBe(204)
  expect(await sendBeacon(server, beacon(4_097))).toBe(413)
})

test('a beacon of a page of another origin gets 403 and changes nothing', async () => {
  const { server, host, guest } = await startPair({ origins: ['https://example.org'] })
  const beacon = { type: 'leave', resume: host.resume } as const
  expect(await sendBeacon(server, beacon, { Origin: 'https://evil.test' })).toBe(403)
  await expectUnaffected(guest, 'refused')
  expect(await sendBeacon(server, beacon, { Origin: 'https://example.org' })).toBe(204)
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'left' })
})

test('a page whose referrer policy hides its origin leaves by a beacon', async () => {
  const { server, host, guest } = await startPair({ origins: ['https://example.org'] })
  const beacon = { type: 'leave', resume: host.resume } as const
  // Firefox sends this for a page with `Referrer-Policy: no-referrer`, such as those of the site.
  expect(await sendBeacon(server, beacon, { Origin: 'null' })).toBe(204)
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'left' })
})

test('beacons of an address above twice its rate of joins get 429, and other addresses are not affected', async () => {
  const now = 1_700_000_000_000
  const server = await startTestServer({
    joinsPerMinutePerIp: 2,
    trustProxy: ['127.0.0.1'],
    now: () => now,
  })
  const send = (address: string): Promise<number> =>
    sendBeacon(server, { type: 'leave', resume: 'x' }, { 'X-Forwarded-For': address })
  const statuses: number[] = []
  for (let n = 0; n < 5; n += 1) statuses.push(await send('203.0.113.1'))
  expect(statuses).toEqual([204, 204, 204, 204, 429])
  expect(await send('203.0.113.2')).toBe(204)
})

test('a draining server lets a page leave by a beacon, and no absence takes its role', async () => {
  const { server, host, guest } = await startPair({ tuning: { drainMs: 60_000 } })
  const drained = server.drain()
  await guest.client.next('goaway')
  for (const reload of [true, false]) {
    expect(await sendBeacon(server, { type: 'away', reload, resume: host.resume })).toBe(204)
  }
  await expectUnaffected(guest, 'draining')
  expect(await sendBeacon(server, { type: 'leave', resume: host.resume })).toBe(204)
  expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'left' })
  guest.client.drop()
  await drained
})

test('a page that says by its socket that it reloads keeps role and membership for 3 s', async () => {
  let now = 1_700_000_000_000
  const { server, host, guest } = await startPair({ now: () => now, tuning: anySilence })
  host.client.send({ type: 'away', reload: true })
  expect(await host.client.closed).toEqual({ code: 1000 })
  now += 2_999
  await guest.client.next('peer-updated')
  guest.client.send({ type: 'update', presence: { n: 1 } })
  await guest.client.next('peer-updated')
  expect(guest.client.received('host')).toEqual([])
  const back = await server.connect()
  const welcome = await back.join('r', { resume: host.resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id: host.id }, host: host.id, term: 1 })
  back.send({ type: 'away', reload: true })
  await back.closed
  now += 3_000
  guest.client.send({ type: 'update', presence: { n: 2 } })
  expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'timeout' })
  expect(guest.client.received('host')).toMatchObject([{ host: guest.id, term: 2 }])
})

test('a page that says by its socket that it is put away loses its role at once and keeps its membership', async () => {
  let now = 1_700_000_000_000
  const { server, host, guest } = await startPair({ now: () => now, tuning: anySilence })
  host.client.send({ type: 'away', reload: false })
  expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'timeout' })
  expect(await host.client.closed).toEqual({ code: 1000 })
  now += 9_999
  const back = await server.connect()
  const welcome = await back.join('r', { resume: host.resume })
  expect(welcome).toMatchObject({ resumed: true, self: { id: host.id }, host: guest.id, term: 2 })
  expect(guest.client.received('peer-left')).toEqual([])
})

test('a client over its rate limit can still say that it goes away', async () => {
  const { host, guest } = await startPair({ now: () => 1_700_000_000_000 })
  for (let id = 0; id < 100; id += 1) host.client.send({ type: 'ping', id })
  host.client.send({ type: 'away', reload: false })
  expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'timeout' })
})

if (needs('redis-server')) {
  test('a page leaves by a beacon to a node that does not hold its room', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const host = await one.member('r')
    const guest = await one.member('r')
    await closePage(host, guest)
    expect(await sendBeacon(two, { type: 'leave', resume: host.resume })).toBe(204)
    expect(await guest.client.next('peer-left')).toMatchObject({ id: host.id, reason: 'left' })
    expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'left' })
  })

  test('an open socket on another node is closed when its page leaves by a beacon', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const host = await one.member('r')
    const guest = await two.member('r')
    expect(await leaveAt(two, host)).toBe(204)
    expect(await guest.client.next('host')).toMatchObject({ host: guest.id, reason: 'left' })
    expect(await host.client.closed).toEqual({ code: 4000 })
  })

  test('a late beacon to another node changes nothing for the page after a reload', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const host = await one.member('r')
    const guest = await two.member('r')
    const back = await one.connect()
    await back.join('r', { resume: host.resume })
    expect(await leaveAt(two, host)).toBe(204)
    await expectUnaffected(guest, 'on another node')
    await back.settle()
  })
}

const leaveAt = (server: TestServer, { resume }: Member): Promise<number> =>
  sendBeacon(server, { type: 'leave', resume })
