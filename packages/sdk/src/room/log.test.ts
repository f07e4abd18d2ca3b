import { expect, test } from 'vitest'
import type { Logger } from '../api.ts'
import { fakeWorld } from './fake-world.testing.ts'

type Line = readonly [level: string, message: string, data: Readonly<Record<string, unknown>>]

const recorder = () => {
  const lines: Line[] = []
  const at =
    (level: string): NonNullable<Logger['info']> =>
    (message, data) => {
      lines.push([level, message, data])
    }
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const messages = () => lines.map(([, message]) => message)
  return { log, lines, messages }
}

test('a log tells of sockets, connections, links and the host', async () => {
  const { log, lines, messages } = recorder()
  const { gather } = fakeWorld()
  const rooms = await gather(['ann', 'ben'], { log })
  expect(messages()).toEqual(
    expect.arrayContaining([
      'A socket to the server is being opened.',
      'A socket to the server is open.',
      'The room has a new status.',
      'The room has a new host.',
      'A peer has joined.',
      'A connection is created.',
      'A connection has a new state.',
      'The link is open.',
    ]),
  )
  const [ann, ben] = rooms
  const opened = lines.filter(([, message]) => message === 'The link is open.')
  expect(opened.map(([, , data]) => data.peer).sort()).toEqual([ann?.self.id, ben?.self.id].sort())
})

test('a log tells of a lost server and of a broken path, with the reason', async () => {
  const { log, lines } = recorder()
  const { gather, network, signaling, clock } = fakeWorld()
  const [ann, ben] = await gather(['ann', 'ben'], { log })
  if (!ann || !ben) throw new Error('not all joined')
  signaling.cut('ann')
  network.cut('ann', 'ben')
  await clock.until(() => ann.peers.get(ben.self.id)?.link?.state === 'failed')
  const warnings = lines.filter(([level]) => level === 'warn')
  expect(warnings.map(([, message]) => message)).toEqual(
    expect.arrayContaining([
      'The peer fell silent; a new connection is tried.',
      'Nothing has arrived for 2 s.',
      'The link has failed.',
    ]),
  )
  const [failure] = warnings.filter(([, , data]) => data.event === 'failed')
  expect(failure?.[2].reason).toBe('The path to the peer was lost.')
})

test('a log gets no token, no presence and no message, and its data is JSON', async () => {
  const { log, lines } = recorder()
  const { gather, clock } = fakeWorld()
  const secret = 'a-secret-that-must-not-leak'
  const options = { log, token: secret, presence: { name: secret } }
  const [ann, ben] = await gather(['ann', 'ben'], options)
  if (!ann || !ben) throw new Error('not all joined')
  let received = ''
  ben.channel<string>('chat').on('message', ({ data }) => {
    received = data
  })
  void ann.channel<string>('chat').send(secret)
  await clock.until(() => received === secret)
  const text = JSON.stringify(lines)
  expect(text).not.toContain(secret)
  expect(text).not.toMatch(/a=|candidate:|ufrag|resume/)
  expect(JSON.parse(text)).toEqual(lines)
})

test('a log may have some of the levels, and one that throws disturbs nothing', async () => {
  const { gather } = fakeWorld()
  const reported: unknown[] = []
  const report = globalThis.reportError
  globalThis.reportError = (error: unknown) => {
    reported.push(error)
  }
  const failure = new Error('full')
  const log: Logger = {
    info: () => {
      throw failure
    },
  }
  const rooms = await gather(['ann', 'ben'], { log })
  globalThis.reportError = report
  expect(rooms.every(({ status }) => status === 'connected')).toBe(true)
  expect(reported).toContain(failure)
})
