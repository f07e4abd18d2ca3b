import { expect, test } from 'vitest'
import { roomKey } from '../backbone/redis/keys.ts'
import { needs } from '../testing/needs.ts'
import { startNode, startNodes } from '../testing/nodes.ts'
import { redisCommand } from '../testing/redis-command.ts'

if (needs('redis-server')) {
  test('members on two nodes share one room and host and exchange signals', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    const joined = await a.client.next('peer-joined')
    expect(joined.peer.id).toBe(b.id)
    a.client.signal(b.id)
    expect((await b.client.next('signal')).from).toBe(a.id)
    b.client.signal(a.id)
    expect((await a.client.next('signal')).from).toBe(b.id)
    await a.client.leave()
    expect(await b.client.next('host')).toMatchObject({ host: b.id, reason: 'left', term: 2 })
  })

  test('a member that resumes on another node keeps its id and host role, and its old connection is closed with 4502', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    const back = await two.connect()
    const welcome = await back.join('r', { resume: a.resume })
    expect(welcome).toMatchObject({ resumed: true, self: { id: a.id }, host: a.id, term: 1 })
    expect(await a.client.closed).toEqual({ code: 4502 })
    expect(b.client.received('host')).toEqual([])
    expect(b.client.received('peer-left')).toEqual([])
  })

  test('in a rolling restart no member leaves and no host changes', async () => {
    const { nodes } = await startNodes(2, { tuning: { drainMs: 2_000 } })
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    const drained = one.drain()
    await a.client.next('goaway')
    const client = await two.connect()
    const welcome = await client.join('r', { resume: a.resume })
    expect(welcome).toMatchObject({ resumed: true, self: { id: a.id }, host: a.id, term: 1 })
    expect(await a.client.closed).toEqual({ code: 4000 })
    await drained
    expect(b.client.received('host')).toEqual([])
    expect(b.client.received('peer-left')).toEqual([])
  })

  test('a resume token works on another node, unless the room has ended', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    await a.client.leave()
    const back = await two.connect()
    back.send({ type: 'join', v: 1, room: 'r', resume: a.resume })
    expect(await back.next('error')).toMatchObject({ code: 'resume-rejected' })
    const fresh = await back.join('r')
    expect(fresh.self.id).not.toBe(a.id)
    const first = a.client.received('welcome')[0]
    expect(fresh.epoch).toBeGreaterThan(first?.epoch ?? Number.NaN)
  })

  test('after a deploy with other settings a room over Redis follows the new ones', async () => {
    const before = { maxRoomMembers: 1, hostGraceMs: 3_600_000, memberGraceMs: 3_600_000 }
    const { redis, nodes } = await startNodes(2, before)
    const [one] = nodes
    const a = await one.member('r')
    const rejected = await one.connect()
    rejected.send({ type: 'join', v: 1, room: 'r' })
    await rejected.nextError('room-full')
    const after = { maxRoomMembers: 2, hostGraceMs: 50, memberGraceMs: 100 }
    const two = await startNode(redis, after)
    const host = await two.connect()
    const welcome = await host.join('r', { resume: a.resume })
    expect(welcome).toMatchObject({ resumed: true, host: a.id, limits: { maxMembers: 2 } })
    const b = await two.member('r')
    host.drop()
    expect(await b.client.next('host')).toMatchObject({ host: b.id, reason: 'timeout' })
    expect(await b.client.next('peer-left')).toMatchObject({ id: a.id, reason: 'timeout' })
    // What the store holds names no settings.
    const stored = await redisCommand(redis, ['HGET', roomKey('r'), 'b'])
    expect(stored).toContain(b.id)
    expect(stored).not.toContain('GraceMs')
  })

  test('foreign data under the key of a room does not crash a server', async () => {
    const { redis, nodes } = await startNodes(2)
    const [one, two] = nodes
    await redisCommand(redis, [
      'HSET',
      roomKey('broken'),
      'v',
      '7',
      's',
      'x',
      'f',
      '1',
      'b',
      '{"no":1}',
    ])
    await redisCommand(redis, ['SET', roomKey('string'), 'x'])
    await redisCommand(redis, ['HSET', roomKey('later'), 'v', '1', 's', 'x', 'f', '99', 'b', '{}'])
    await one.member('broken')
    await two.member('broken')
    for (const room of ['string', 'later']) {
      const client = await one.connect()
      client.send({ type: 'join', v: 1, room })
      expect(await client.next('error')).toMatchObject({ code: 'overloaded', retryable: true })
    }
    await one.member('fine')
  })

  test('every key has a TTL, whatever the name of the room', async () => {
    const { redis, nodes } = await startNodes(2)
    const [one] = nodes
    for (const room of ['{a}', '}', '*', 'ü\u2028', '__proto__']) await one.member(room)
    const keys = (await redisCommand(redis, ['KEYS', '*']))
      .split('\r\n')
      .filter((line) => /^skein/.test(line))
    expect(keys.length).toBeGreaterThanOrEqual(5 + 2 + 1)
    for (const key of keys) {
      expect(key).toMatch(/^skein:(room|node):\{[\w-]+\}$|^skein:\{life\}$/)
      expect(await redisCommand(redis, ['PTTL', key])).toMatch(/^:[1-9]/)
    }
  })
}
