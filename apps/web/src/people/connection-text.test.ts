import { expect, test } from 'vitest'
import { connectionText } from './connection-text.ts'

const person = { isSelf: false, isOnline: true, link: null }
const link = { state: 'open', path: null, rttMs: null, reason: null, via: null } as const

test('a connection is told as a sentence: its way, and how long an answer takes', () => {
  const direct = { ...person, link: { ...link, path: 'direct', rttMs: 12.4 } } as const
  expect(connectionText(direct)).toBe('Connected directly. A message and its answer take 12 ms.')
  const relay = { ...person, link: { ...link, path: 'relay' } } as const
  expect(connectionText(relay)).toBe('Connected through a relay.')
})

test('a connection that is not there is told as well', () => {
  expect(connectionText({ ...person, isSelf: true })).toBe('This is you.')
  expect(connectionText(person)).toBe('Not connected.')
  expect(connectionText({ ...person, link: { ...link, state: 'failed' } })).toBe(
    'No connection: messages do not arrive.',
  )
  // What was measured before says nothing once the person is away.
  expect(connectionText({ ...person, isOnline: false, link })).toContain('Lost the connection')
})
