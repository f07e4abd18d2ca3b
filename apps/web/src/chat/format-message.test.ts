import { expect, test } from 'vitest'
import { isOnlyEmoji, messageBlocks } from './format-message.ts'

const text = (value: string) => ({ type: 'text', text: value })
const code = (value: string) => ({ type: 'code', text: value })

test.each([
  ['hello', [text('hello')]],
  ['a\n\n  b', [text('a\n\n  b')]],
  ['```\nlet x\n```', [code('let x')]],
  ['```ts\n  if (x) {\n  }\n```', [code('  if (x) {\n  }')]],
  ['look:\n```\nx\n```\nnice', [text('look:'), code('x'), text('nice')]],
  ['```\na\n```\n```\nb\n```', [code('a'), code('b')]],
  ['```\nnot closed', [text('```\nnot closed')]],
  ['in `line` and ```inline```', [text('in `line` and ```inline```')]],
  ['```\n```', [code('')]],
])('%j is shown as %j', (message, blocks) => {
  expect(messageBlocks(message)).toEqual(blocks)
})

test.each(['👍', '👨‍👩‍👧‍👦', '🇨🇳 🎉', '❤️🔥👀', '1️⃣'])('%s is large', (message) => {
  expect(isOnlyEmoji(message)).toBe(true)
})

test.each(['👍!', '12', '#', '👍👍👍👍', 'ok 👍', '', '©'])('%j is not large', (message) => {
  expect(isOnlyEmoji(message)).toBe(false)
})
