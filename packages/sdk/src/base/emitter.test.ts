import { afterEach, expect, test, vi } from 'vitest'
import { createEmitter } from './emitter.ts'

interface Events {
  greet: { readonly name: string }
}

afterEach(() => vi.restoreAllMocks())

test('a listener hears what is emitted until its off is called', () => {
  const { on, emit } = createEmitter<Events>()
  const heard: string[] = []
  const off = on('greet', ({ name }) => heard.push(name))
  emit('greet', { name: 'Ann' })
  off()
  emit('greet', { name: 'Ben' })
  expect(heard).toEqual(['Ann'])
})

test('an aborted signal takes the listener off, and one aborted before never adds it', () => {
  const { on, emit } = createEmitter<Events>()
  const controller = new AbortController()
  const heard: string[] = []
  on('greet', ({ name }) => heard.push(name), { signal: controller.signal })
  emit('greet', { name: 'Ann' })
  controller.abort()
  on('greet', ({ name }) => heard.push(name), { signal: controller.signal })
  emit('greet', { name: 'Ben' })
  expect(heard).toEqual(['Ann'])
})

test('a listener that throws is reported and stops no other', () => {
  const report = vi.spyOn(console, 'error').mockReturnValue()
  const { on, emit } = createEmitter<Events>()
  const heard: string[] = []
  on('greet', () => {
    throw new Error('mine')
  })
  on('greet', ({ name }) => heard.push(name))
  emit('greet', { name: 'Ann' })
  expect(heard).toEqual(['Ann'])
  expect(report).toHaveBeenCalledWith(new Error('mine'))
})

test('a listener taken off during an event is not called by it any more', () => {
  const { on, emit } = createEmitter<Events>()
  const heard: string[] = []
  on('greet', () => off())
  const off = on('greet', ({ name }) => heard.push(name))
  emit('greet', { name: 'Ann' })
  expect(heard).toEqual([])
})

test('the same listener added twice is called twice, and each off takes one', () => {
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
