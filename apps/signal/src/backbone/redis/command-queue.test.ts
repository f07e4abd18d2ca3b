import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CommandQueue } from './command-queue.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => {})

test('a reply in time is passed on and marks the connection as healthy', async () => {
  const queue = new CommandQueue({ timeoutMs: 500 })
  expect(queue.healthySince).toBeNull()
  expect(await queue.track(Promise.resolve('PONG'))).toBe('PONG')
  expect(queue.healthySince).not.toBeNull()
  queue.close()
})

test('each command times out after the full timeout, counted from its own start', async () => {
  const queue = new CommandQueue({ timeoutMs: 500 })
  const first = queue.track(never())
  const failed = expect(first).rejects.toThrow('in time')
  await vi.advanceTimersByTimeAsync(400)
  let isOver = false
  const second = queue.track(never()).catch(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(100)
  await failed
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(400)
  await second
  expect(isOver).toBe(true)
  queue.close()
})

test('a timeout marks the connection as unhealthy until the next reply', async () => {
  const queue = new CommandQueue({ timeoutMs: 500 })
  await queue.track(Promise.resolve())
  const lost = queue.track(never()).catch(() => {})
  await vi.advanceTimersByTimeAsync(500)
  await lost
  expect([queue.healthySince, queue.recoveredAt]).toEqual([null, null])
  await queue.track(Promise.resolve())
  expect(queue.healthySince).toBe(queue.recoveredAt)
  expect(queue.healthySince).not.toBeNull()
  queue.close()
})

test('a reply after the timeout does not mark the connection as healthy', async () => {
  const queue = new CommandQueue({ timeoutMs: 500 })
  const { promise, resolve } = Promise.withResolvers<string>()
  const late = queue.track(promise).catch(() => 'too late')
  await vi.advanceTimersByTimeAsync(600)
  expect(await late).toBe('too late')
  resolve('here')
  await vi.advanceTimersByTimeAsync(0)
  expect(queue.healthySince).toBeNull()
  queue.close()
})

test('closing rejects pending commands', async () => {
  const queue = new CommandQueue({ timeoutMs: 500 })
  const waiting = expect(queue.track(never())).rejects.toThrow('closed')
  queue.close()
  await waiting
})
