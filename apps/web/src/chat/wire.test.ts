import { expect, test } from 'vitest'
import { maxTextLength, readChat } from './wire.ts'

test('a chat message is read as it was sent', () => {
  expect(readChat({ id: '1', text: 'hi' })).toEqual({ id: '1', text: 'hi' })
})

test('a message without an id gets one of its own', () => {
  const [one, two] = [readChat({ text: 'hi' }), readChat({ text: 'hi' })]
  expect(one?.id).not.toBe(two?.id)
})

test('what is no chat message is dropped', () => {
  for (const data of [null, 1, 'hi', [], {}, { text: 1 }, { text: '' }]) {
    expect(readChat(data)).toBeNull()
  }
})

test('an endless text is cut', () => {
  expect(readChat({ id: '1', text: 'x'.repeat(maxTextLength + 1) })?.text).toHaveLength(
    maxTextLength,
  )
})
