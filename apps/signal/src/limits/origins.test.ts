import { expect, test } from 'vitest'
import { originCheck, parseOriginRule } from './origins.ts'

test.each([
  ['https://example.org', 'https://example.org', true],
  ['https://example.org', 'HTTPS://EXAMPLE.ORG', true],
  ['https://example.org', 'http://example.org', false],
  ['https://example.org', 'https://example.org:8443', false],
  ['https://example.org', 'https://example.org.evil.test', false],
  ['example.org', 'http://example.org', true],
  ['*.example.org', 'https://app.example.org', true],
  ['*.example.org', 'https://a.b.example.org', true],
  ['*.example.org', 'https://example.org', false],
  ['*.example.org', 'https://evilexample.org', false],
  ['*.example.org', 'https://app.example.org.evil.test', false],
  ['https://*.example.org', 'http://app.example.org', false],
  ['http://localhost:5173', 'http://localhost:5173', true],
  ['https://example.org', 'null', false],
  ['https://example.org', '', false],
])('the rule %s for the origin %s gives %s', (rule, origin, isAllowed) => {
  expect(originCheck([rule])(origin)).toBe(isAllowed)
})

test('without rules every origin is allowed', () => {
  expect(originCheck([])('https://anything.test')).toBe(true)
})

test('a client without an origin is not a page and is allowed', () => {
  expect(originCheck(['https://example.org'])(null)).toBe(true)
})

test.each(['', '*', 'https://', 'https://a b', '*.', 'https://example.org/path', 'a.*.org'])(
  '"%s" is not a valid origin rule',
  (text) => {
    expect(parseOriginRule(text).ok).toBe(false)
  },
)
