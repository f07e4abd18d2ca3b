import { join } from 'node:path'
import { setTimeout as schedule } from 'node:timers'
import { expect, test } from 'vitest'
import { root } from './repository.ts'

interface TestedChannel {
  readonly on: (name: 'message', listener: (event: { data: unknown }) => void) => void
  readonly send: (data: unknown, options?: object) => Promise<{ readonly reached: string[] }>
}

/** What this test uses of a room. */
interface TestedRoom {
  readonly self: { readonly id: string }
  readonly isHost: boolean
  readonly channel: (label: string, options?: object) => TestedChannel
  readonly handle: (name: string, handler: (value: number) => number) => void
  readonly call: (to: string, name: string, value: number) => Promise<number>
  readonly transferHost: (to: string) => Promise<void>
  readonly leave: () => Promise<void>
}

interface Sdk {
  readonly joinRoom: (options: object) => Promise<TestedRoom>
}

/** The built SDK has other names for its internal properties than its source. */
const load = async (path: string) => await import(join(root, 'packages/sdk', path))
const built: Sdk = await load('dist/index.js')
const source: Sdk = await load('src/index.ts')
const { FakeNetwork, fakeSignaling } = await load('src/testing/index.ts')

const clock = {
  now: () => performance.now(),
  after: (delayMs: number, task: () => void) => {
    const timer = schedule(task, delayMs)
    return () => clearTimeout(timer)
  },
}

test.each([
  ['built', 'source', built, source],
  ['source', 'built', source, built],
])('a page with the %s SDK and one with its %s understand each other', async (...setup) => {
  const [, , first, second] = setup
  const network = new FakeNetwork({ clock })
  const signaling = fakeSignaling({ clock, random: () => 0.5 })
  const enter = ({ joinRoom }: Sdk, machine: string) =>
    joinRoom({
      url: 'ws://fake.test/ws',
      room: 'blue-door',
      RTCPeerConnection: network.port(machine),
      WebSocket: signaling.port(machine),
    })
  const ann = await enter(first, 'ann')
  const received: unknown[] = []
  ann.channel('chat').on('message', ({ data }) => received.push(data))
  ann.handle('double', (value) => 2 * value)
  const ben = await enter(second, 'ben')
  const chat = ben.channel('chat')

  const toAnn = { to: [ann.self.id], ack: true }
  const sent = ['hi', { text: 'hi' }, new Uint8Array([1, 2]), new Blob(['hi'])]
  for (const data of sent) {
    expect((await chat.send(data, toAnn)).reached).toEqual([ann.self.id])
  }
  await chat.send('to the host', { to: 'host', ack: true })
  expect(received).toEqual([...sent, 'to the host'])
  expect(await ben.call(ann.self.id, 'double', 21)).toBe(42)
  await ann.transferHost(ben.self.id)
  expect(ann.isHost).toBe(false)
  await Promise.all([ann.leave(), ben.leave()])
})
