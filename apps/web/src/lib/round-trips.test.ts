import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Person } from './people.ts'
import { RoundTrips } from './round-trips.ts'

const id = 'a' as Person['id']
const person: Person = {
  id,
  name: 'Ann',
  colour: 'moss',
  isSelf: false,
  isHost: false,
  isOnline: true,
  canHost: true,
  link: { state: 'open', path: 'direct', via: null, rttMs: 78, reason: null },
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first round trip of a link is not shown; a second one is, at once', () => {
  const trips = new RoundTrips()
  const shown = () => trips.shown(person).link?.rttMs
  expect(shown()).toBeNull()
  trips.measured(id)
  expect(shown()).toBeNull()
  trips.measured(id)
  expect(shown()).toBe(78)
  expect(vi.getTimerCount()).toBe(0)
})

test('a first round trip that later ones confirm is shown after 3 s', () => {
  const trips = new RoundTrips()
  trips.measured(id)
  vi.advanceTimersByTime(2_999)
  expect(trips.shown(person).link?.rttMs).toBeNull()
  vi.advanceTimersByTime(1)
  expect(trips.shown(person)).toBe(person)
})

test('someone who has left is forgotten, with the timer', () => {
  const trips = new RoundTrips()
  trips.measured(id)
  trips.forget(id)
  expect(vi.getTimerCount()).toBe(0)
  trips.measured(id)
  expect(trips.shown(person).link?.rttMs).toBeNull()
})
