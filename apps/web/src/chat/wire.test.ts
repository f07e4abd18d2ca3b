import { expect, test } from 'vitest'
import { maxTextLength, readChat } from './wire.ts'

test('a valid chat message is read unchanged', () => {
  expect(readChat({ id: '1', text: 'hi' })).toEqual({ id: '1', text: 'hi' })
})

test('a message without an id gets a unique one', () => {
  const [one, two] = [readChat({ text: 'hi' }), readChat({ text: 'hi' })]
  expect(one?.id).not.toBe(two?.id)
})

test('anything that is not a chat message is dropped', () => {
  for (const data of [null, 1, 'hi', [], {}, { text: 1 }, { text: '' }]) {
    expect(readChat(data)).toBeNull()
  }
})

test('text that is too long is truncated', () => {
  expect(readChat({ id: '1', text: 'x'.repeat(maxTextLength + 1) })?.text).toHaveLength(
    maxTextLength,
  )
})
