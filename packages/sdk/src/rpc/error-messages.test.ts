import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

test('the errors of calls, sends and kicks say what they were about', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  await clock.advance(2_000)
  const messages: string[] = []
  const record = (result: Promise<unknown>) =>
    void result.catch(({ message }) => messages.push(message))
  ann.handle('wait', () => new Promise(() => {}))
  ann.handle('refuse', () => Promise.reject(new Error('not today')))
  record(ben.call('host', 'wait', null, { timeoutMs: 100 }))
  record(ben.call(ann.self.id, 'wait', null, { timeoutMs: 200 }))
  record(ben.channel('x').send(1, { to: 'host', ack: true, timeoutMs: 300 }))
  record(ben.channel('x').send(1, { to: ann.self.id, ack: true, timeoutMs: 400 }))
  await clock.advance(1_000)
  record(ben.kick(ann.self.id))
  await clock.advance(1_000)
  record(ben.call('host', 'refuse', null))
  await clock.advance(1_000)
  record(ben.call('host', 'wait', null))
  await clock.advance(1_000)
  await ben.leave()
  await clock.advance(1)
  expect(messages).toEqual([
    'timeout: call "wait" to host',
    `timeout: call "wait" to ${ann.self.id}`,
    'timeout: to the host',
    `timeout: ${ann.self.id}`,
    `unauthorized: ${ann.self.id}`,
    'not today',
    'closed: call "wait" to host',
  ])
})
