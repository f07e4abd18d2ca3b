import { expect, test } from 'vitest'
import { Follower } from './follower.ts'

test('a log follows from the start', () => {
  expect(new Follower().isFollowing).toBe(true)
})

test('content that grows by any height between two scroll events does not stop it', () => {
  const follower = new Follower()
  follower.scrolled({ top: 1_000, fromEnd: 0 })
  follower.scrolled({ top: 1_000, fromEnd: 900 })
  follower.scrolled({ top: 1_500, fromEnd: 2_000 })
  expect(follower.isFollowing).toBe(true)
})

test('a reader who scrolls up stops it, and starts it again at the end', () => {
  const follower = new Follower()
  follower.scrolled({ top: 1_000, fromEnd: 0 })
  follower.scrolled({ top: 970, fromEnd: 30 })
  expect(follower.isFollowing).toBe(false)
  follower.scrolled({ top: 980, fromEnd: 400 })
  expect(follower.isFollowing).toBe(false)
  follower.scrolled({ top: 1_395.5, fromEnd: 4.5 })
  expect(follower.isFollowing).toBe(true)
})

test('a box that grows, or content that shrinks, does not count as scrolling up', () => {
  const follower = new Follower()
  follower.scrolled({ top: 1_000, fromEnd: 0 })
  follower.scrolled({ top: 700, fromEnd: 0 })
  expect(follower.isFollowing).toBe(true)
})

test('a page that moves the box to an older message does not follow until the reader is at the end', () => {
  const follower = new Follower()
  follower.scrolled({ top: 1_000, fromEnd: 0 })
  follower.moved({ top: 200, fromEnd: 800 })
  follower.scrolled({ top: 200, fromEnd: 900 })
  expect(follower.isFollowing).toBe(false)
})
