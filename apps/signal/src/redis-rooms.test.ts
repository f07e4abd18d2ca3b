import { expect, test } from 'vitest'
import { needs } from './testing/needs.ts'
import { startNodes } from './testing/nodes.ts'

if (needs('redis-server')) {
  test('members on two nodes are in one room, with one host, and talk', async () => {
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

  test('who comes back by another node keeps its place, and its old connection is closed with 4502', async () => {
    const { nodes } = await startNodes(2)
    const [one, two] = nodes
    const a = await one.member('r')
    const b = await two.member('r')
    const back = await two.connect()
    const welcome = await back.join('r', { resume: a.resume })
    expect(welcome).toMatchObject({ resumed: true, self: { id: a.id }, host: a.id, term: 1 })
    expect(await a.client.closed).toEqual({ code: 4502 })
    expect(b.client.of('host')).toEqual([])
    expect(b.client.of('peer-left')).toEqual([])
  })
}
