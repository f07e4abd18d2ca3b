import { afterEach, expect, test } from 'vitest'
import { enter, freshRoom, leaveAll } from './rooms.testing.ts'

afterEach(leaveAll)

/** The types of the frames that leave this page, told one by one. */
const spy = () => {
  const frames: string[] = []
  const waiting = new Map<string, () => void>()
  class SpySocket extends WebSocket {
    override send(data: string): void {
      const { type } = JSON.parse(data)
      frames.push(type)
      waiting.get(type)?.()
      super.send(data)
    }
  }
  const sent = (type: string) => new Promise<void>((resolve) => waiting.set(type, resolve))
  return { port: SpySocket, frames, sent }
}

const events: readonly (readonly [string, () => boolean])[] = [
  ['online', () => dispatchEvent(new Event('online'))],
  ['pageshow', () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))],
  // Told by the document, and bubbles.
  [
    'visibilitychange',
    () => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })),
  ],
]

for (const [name, tell] of events) {
  test(`on ${name} a page asks its server whether it lives`, async () => {
    const { port, frames, sent } = spy()
    const room = await enter(freshRoom(), { WebSocket: port })
    frames.length = 0
    const asked = sent('ping')
    tell()
    await asked
    expect(frames).toEqual(['ping'])
    expect(room.status).toBe('connected')
  })
}

test('a page that goes leaves its room; one that may come back does not', async () => {
  const { port, frames } = spy()
  const room = await enter(freshRoom(), { WebSocket: port })
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  expect([room.status, frames.includes('leave')]).toEqual(['connected', false])
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))
  expect([room.status, frames.includes('leave')]).toEqual(['closed', true])
  expect(await room.closed).toBe(null)
})
