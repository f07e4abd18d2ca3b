import { expect, test } from 'vitest'
import { linkify } from './linkify.ts'

const links = (text: string) => linkify(text).flatMap(({ href }) => (href === null ? [] : [href]))
const joined = (text: string) =>
  linkify(text)
    .map((part) => part.text)
    .join('')

test('a web address becomes a link and the text around it stays text', () => {
  expect(linkify('see https://example.org/a?b=c#d now')).toEqual([
    { text: 'see ', href: null },
    { text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d' },
    { text: ' now', href: null },
  ])
})

test('punctuation after an address is not part of the link', () => {
  expect(links('Is it https://example.org/x?')).toEqual(['https://example.org/x'])
  expect(links('(https://example.org)')).toEqual(['https://example.org'])
  expect(links('看 https://example.org/页，很好。')).toEqual(['https://example.org/页'])
})

test('a bracket opened inside an address is closed inside it', () => {
  expect(links('https://example.org/goose_(bird), yes')).toEqual([
    'https://example.org/goose_(bird)',
  ])
})

test('only http and https addresses become links', () => {
  const text = 'javascript:alert(1) data:text/html,x file:///etc/passwd <a href="x">'
  expect(links(text)).toEqual([])
  expect(joined(text)).toBe(text)
})

test('no character is lost', () => {
  for (const text of [
    '',
    'https://',
    'https://[',
    'a https://b.c d https://e.f/)), g\nh',
    '🪿 http://x',
  ]) {
    expect(joined(text)).toBe(text)
  }
})
