import { expect, test } from 'vitest'
import type { Message } from './entries.ts'
import { forgetChat, keepChat, readKeptChat } from './kept-chat.ts'

const message = (key: string, change: Partial<Message> = {}): Message => ({
  kind: 'message',
  key,
  at: new Date('2026-11-30T12:00:00Z'),
  from: 'p1' as Message['from'],
  name: 'Ann',
  colour: 'moss',
  isMine: true,
  text: `text of ${key}`,
  failure: null,
  isSending: false,
  isUnheard: false,
  ...change,
})

const memory = () => {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

test('what is kept is read back as it was, for its room alone', () => {
  const storage = memory()
  const kept = { self: 'p1', messages: [message('a'), message('b', { isUnheard: true })] }
  keepChat(storage, 'blue-door', kept)
  expect(readKeptChat(storage, 'blue-door')).toEqual(kept)
  expect(readKeptChat(storage, 'other')).toBe(null)
  forgetChat(storage, 'blue-door')
  expect(readKeptChat(storage, 'blue-door')).toBe(null)
})

test('a message that was being sent can be sent again', () => {
  const storage = memory()
  keepChat(storage, 'r', { self: 'p1', messages: [message('a', { isSending: true })] })
  expect(readKeptChat(storage, 'r')?.messages).toEqual([message('a', { failure: 'closed' })])
})

test('the newest messages are kept, up to a number and to a length', () => {
  const storage = memory()
  const many = Array.from({ length: 300 }, (_, index) => message(String(index)))
  keepChat(storage, 'r', { self: 'p1', messages: many })
  expect(readKeptChat(storage, 'r')?.messages.map(({ key }) => key)).toEqual(
    many.slice(-200).map(({ key }) => key),
  )
  const long = Array.from({ length: 100 }, (_, index) =>
    message(String(index), { text: 'x'.repeat(8_000) }),
  )
  keepChat(storage, 'r', { self: 'p1', messages: long })
  expect([...storage.items.values()].join().length).toBeLessThan(257 * 1024)
  expect(readKeptChat(storage, 'r')?.messages.at(-1)?.key).toBe('99')
})

test.each([
  'not JSON',
  'null',
  '7',
  '{"self":"p1"}',
  '{"messages":[]}',
  '{"self":1,"messages":[]}',
])('%s is no chat', (text) => {
  const storage = memory()
  storage.setItem('skein.chat.r', text)
  expect(readKeptChat(storage, 'r')).toBe(null)
})

test('messages that are not well-formed are left out, names and texts are bounded', () => {
  const storage = memory()
  const good = JSON.parse(JSON.stringify(message('good')))
  const messages = [
    null,
    7,
    { ...good, key: 1 },
    { ...good, at: 'yesterday' },
    { ...good, colour: 'url(x)' },
    { ...good, text: null },
    { ...good, name: 'x'.repeat(500), text: 'y'.repeat(20_000), failure: {} },
  ]
  storage.setItem('skein.chat.r', JSON.stringify({ self: 'p1', messages }))
  const [only, ...more] = readKeptChat(storage, 'r')?.messages ?? []
  expect(more).toEqual([])
  expect([only?.name.length, only?.text.length, only?.failure]).toEqual([32, 8_000, null])
})

test('of messages with the same key one is read', () => {
  const storage = memory()
  keepChat(storage, 'r', { self: 'p1', messages: [message('a'), message('b'), message('a')] })
  expect(readKeptChat(storage, 'r')?.messages.map(({ key }) => key)).toEqual(['a', 'b'])
})

test('storage that is blocked or full keeps nothing and breaks nothing', () => {
  const failing = () => {
    throw new DOMException('', 'QuotaExceededError')
  }
  const storage = { getItem: failing, setItem: failing, removeItem: failing }
  keepChat(storage, 'r', { self: 'p1', messages: [message('a')] })
  expect(readKeptChat(storage, 'r')).toBe(null)
})
