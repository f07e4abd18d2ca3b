import { afterEach, expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import { enterTogether, leaveAll, until } from '../room/rooms.testing.ts'

afterEach(leaveAll)

const three = async () => (await enterTogether(3)) as [Room, Room, Room]

test('a call to the host is handled by the host, also when the host calls itself', async () => {
  const rooms = await three()
  for (const room of rooms) {
    room.handle<{ cell: number }>('move', ({ cell }, { from }) => ({
      cell,
      from,
      by: room.self.id,
    }))
  }
  for (const room of rooms) {
    expect(await room.call('host', 'move', { cell: 4 })).toEqual({
      cell: 4,
      from: room.self.id,
      by: rooms[0].self.id,
    })
  }
})

test('errors keep their code and message', async () => {
  const [ann, ben] = await three()
  ben.handle('plain', () => {
    throw new Error('out of sheep')
  })
  ben.handle('coded', async () => {
    throw new SkeinError('not-eligible', { message: 'too young' })
  })
  await expect(ann.call(ben.self.id, 'plain')).rejects.toMatchObject({
    code: 'handler-failed',
    message: 'out of sheep',
  })
  await expect(ann.call(ben.self.id, 'coded')).rejects.toMatchObject({
    code: 'not-eligible',
    message: 'too young',
  })
  await expect(ann.call(ben.self.id, 'none')).rejects.toMatchObject({ code: 'no-handler' })
})

test('a call that times out aborts the signal of its handler', async () => {
  const [ann, ben] = await three()
  const aborted = new Promise((resolve) => {
    ben.handle('slow', (_args, { signal }) => {
      signal.addEventListener('abort', () => resolve('aborted'))
      return new Promise(() => {})
    })
  })
  await expect(ann.call(ben.self.id, 'slow', null, { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'timeout',
  })
  expect(await aborted).toBe('aborted')
})

test('a call to a peer that leaves rejects', async () => {
  const [ann, ben] = await three()
  const running = Promise.withResolvers<void>()
  ben.handle('slow', () => {
    running.resolve()
    return new Promise(() => {})
  })
  const call = ann.call(ben.self.id, 'slow')
  await running.promise
  await ben.leave()
  await expect(call).rejects.toMatchObject({ code: 'peer-gone' })
})

test('a call to the host rejects when that host leaves', async () => {
  const [ann, ben] = await three()
  const running = Promise.withResolvers<void>()
  ann.handle('slow', () => {
    running.resolve()
    return new Promise(() => {})
  })
  const call = ben.call('host', 'slow')
  await running.promise
  await ann.leave()
  await expect(call).rejects.toMatchObject({ code: 'host-changed' })
  await until(ben, () => ben.isHost)
})
