import { afterEach, expect, test, vi } from 'vitest'
import { createEmitter } from './emitter.ts'

interface Events {
  greet: { readonly name: string }
}

afterEach(() => vi.restoreAllMocks())

test('a listener receives events until it unsubscribes', () => {
  const { on, emit } = createEmitter<Events>()
  const received: string[] = []
  const off = on('greet', ({ name }) => received.push(name))
  emit('greet', { name: 'Ann' })
  off()
  emit('greet', { name: 'Ben' })
  expect(received).toEqual(['Ann'])
})

test('aborting the signal removes the listener; a signal that is already aborted never adds it', () => {
  const { on, emit } = createEmitter<Events>()
  const controller = new AbortController()
  const received: string[] = []
  on('greet', ({ name }) => received.push(name), { signal: controller.signal })
  emit('greet', { name: 'Ann' })
  controller.abort()
  on('greet', ({ name }) => received.push(name), { signal: controller.signal })
  emit('greet', { name: 'Ben' })
  expect(received).toEqual(['Ann'])
})

test('an exception in a listener is reported and does not stop the others', () => {
  const report = vi.spyOn(console, 'error').mockReturnValue()
  const { on, emit } = createEmitter<Events>()
  const received: string[] = []
  on('greet', () => {
    throw new Error('mine')
  })
  on('greet', ({ name }) => received.push(name))
  emit('greet', { name: 'Ann' })
  expect(received).toEqual(['Ann'])
  expect(report).toHaveBeenCalledWith(new Error('mine'))
})

test('a listener removed during an event is not called for that event', () => {
  const { on, emit } = createEmitter<Events>()
  const received: string[] = []
  on('greet', () => off())
  const off = on('greet', ({ name }) => received.push(name))
  emit('greet', { name: 'Ann' })
  expect(received).toEqual([])
})

test('a listener added twice is called twice, and each unsubscribe function removes one', () => {
  const { on, emit } = createEmitter<Events>()
  let calls = 0
  const listener = () => {
    calls += 1
  }
  const off = on('greet', listener)
  on('greet', listener)
  emit('greet', { name: 'Ann' })
  off()
  emit('greet', { name: 'Ben' })
  expect(calls).toBe(3)
})
