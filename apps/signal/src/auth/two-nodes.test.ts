import { expect, test } from 'vitest'
import { needs } from '../testing/needs.ts'
import { startNodes } from '../testing/nodes.ts'
import { tokenAuth, tokenFor } from '../testing/token-auth.ts'

const start = async () => {
  const { nodes } = await startNodes(2, tokenAuth)
  const [one, two] = nodes
  const bystander = await one.member('calm', { token: await tokenFor({ sub: 'u-1' }) })
  return { one, two, bystander }
}

if (needs('redis-server')) {
  test('with `single`, only the newest member with a sub stays, across nodes', async () => {
    const { one, two, bystander } = await start()
    const token = await tokenFor({ sub: 'u-7', single: true })
    const first = await one.member('calm', { token })
    const second = await two.member('calm', { token })
    expect(await first.client.closed).toEqual({ code: 4502 })
    expect(await bystander.client.next('peer-left')).toMatchObject({ id: first.id, reason: 'left' })
    const third = await one.member('calm', { token })
    expect(await second.client.closed).toEqual({ code: 4502 })
    expect(third.client.received('welcome')[0]?.peers.map(({ id }) => id)).toEqual([bystander.id])
  })

  test('a member on another node is kicked with the reason', async () => {
    const { one, two, bystander } = await start()
    const kicker = await two.member('calm', { token: await tokenFor({ kick: true }) })
    kicker.client.send({ type: 'kick', id: bystander.id, reason: 'spam' })
    expect(await bystander.client.closed).toEqual({ code: 4503 })
    expect(bystander.client.closeReason).toBe('spam')
    expect(await kicker.client.next('host')).toMatchObject({ host: kicker.id, reason: 'kicked' })
    const again = await one.connect()
    const token = await tokenFor({ sub: 'u-1' })
    again.send({ type: 'join', v: 1, room: 'calm', token, resume: bystander.resume })
    await again.nextError('resume-rejected')
  })

  test('a resume on another node requires the same sub and has the rights of its new token', async () => {
    const { two, bystander } = await start()
    const visitor = await two.connect()
    const { resume } = bystander
    visitor.send({
      type: 'join',
      v: 1,
      room: 'calm',
      token: await tokenFor({ sub: 'u-2' }),
      resume,
    })
    await visitor.nextError('resume-rejected')
    const back = await two.connect()
    const token = await tokenFor({ sub: 'u-1', priority: 3, kick: true })
    const { self } = await back.join('calm', { token, priority: 50, resume })
    expect(self).toMatchObject({ id: bystander.id, priority: 3 })
    expect(await bystander.client.closed).toEqual({ code: 4502 })
    const guest = await visitor.join('calm', { token: await tokenFor({ sub: 'u-2' }) })
    back.send({ type: 'kick', id: guest.self.id })
    expect(await visitor.closed).toEqual({ code: 4503 })
  })
}
