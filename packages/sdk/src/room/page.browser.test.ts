import { afterEach, expect, test } from 'vitest'
import { enter, freshRoom, leaveAll, until } from './rooms.testing.ts'

afterEach(leaveAll)

/** Records the types of the frames that this page sends. */
const recordFrames = () => {
  const frames: string[] = []
  const waiting = new Map<string, () => void>()
  class RecordingSocket extends WebSocket {
    override send(data: string): void {
      const { type } = JSON.parse(data)
      frames.push(type)
      waiting.get(type)?.()
      super.send(data)
    }
  }
  const sent = (type: string) => new Promise<void>((resolve) => waiting.set(type, resolve))
  return { port: RecordingSocket, frames, sent }
}

const events: readonly (readonly [string, () => boolean])[] = [
  ['online', () => dispatchEvent(new Event('online'))],
  ['pageshow', () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))],
  // Fired at the document, and bubbles.
  [
    'visibilitychange',
    () => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })),
  ],
]

for (const [name, dispatch] of events) {
  test(`on ${name} a page pings its server`, async () => {
    const { port, frames, sent } = recordFrames()
    const room = await enter(freshRoom(), { WebSocket: port })
    frames.length = 0
    const pinged = sent('ping')
    dispatch()
    await pinged
    expect(frames).toEqual(['ping'])
    expect(room.status).toBe('connected')
  })
}

test('a page in the back/forward cache is away until it is back, then the same member', async () => {
  const { port, frames } = recordFrames()
  const room = await enter(freshRoom(), { WebSocket: port })
  const { id } = room.self
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  expect([room.status, room.isHost, frames.includes('leave')]).toEqual(['degraded', false, false])
  expect(frames.at(-1)).toBe('away')
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
  await until(room, () => room.isHost)
  expect([room.status, room.self.id, room.term > 1]).toEqual(['connected', id, true])
})

test('a page that goes for good leaves the room', async () => {
  const { port, frames } = recordFrames()
  const room = await enter(freshRoom(), { WebSocket: port })
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))
  expect([room.status, frames.includes('leave')]).toEqual(['closed', true])
  expect(await room.closed).toBe(null)
})
