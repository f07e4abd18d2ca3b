import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CommandQueue } from './command-queue.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise(() => {})

test('an answer in time is given on, and shows that all is well', async () => {
  const queue = new CommandQueue({ deadlineMs: 500 })
  expect(queue.soundSince).toBeNull()
  expect(await queue.track(Promise.resolve('PONG'))).toBe('PONG')
  expect(queue.soundSince).not.toBeNull()
  queue.close()
})

test('each command has the whole deadline, and no more', async () => {
  const queue = new CommandQueue({ deadlineMs: 500 })
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

test('a command that failed for lack of time is trouble, which ends with the next answer', async () => {
  const queue = new CommandQueue({ deadlineMs: 500 })
  await queue.track(Promise.resolve())
  const lost = queue.track(never()).catch(() => {})
  await vi.advanceTimersByTimeAsync(500)
  await lost
  expect([queue.soundSince, queue.troubledUntil]).toEqual([null, null])
  await queue.track(Promise.resolve())
  expect(queue.soundSince).toBe(queue.troubledUntil)
  expect(queue.soundSince).not.toBeNull()
  queue.close()
})

test('an answer that comes too late ends no trouble', async () => {
  const queue = new CommandQueue({ deadlineMs: 500 })
  const { promise, resolve } = Promise.withResolvers<string>()
  const late = queue.track(promise).catch(() => 'too late')
  await vi.advanceTimersByTimeAsync(600)
  expect(await late).toBe('too late')
  resolve('here')
  await vi.advanceTimersByTimeAsync(0)
  expect(queue.soundSince).toBeNull()
  queue.close()
})

test('whoever waits when it closes is told', async () => {
  const queue = new CommandQueue({ deadlineMs: 500 })
  const waiting = expect(queue.track(never())).rejects.toThrow('closed')
  queue.close()
  await waiting
})
