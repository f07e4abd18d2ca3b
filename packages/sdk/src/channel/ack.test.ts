import { afterEach, expect, test, vi } from 'vitest'
import type { ChannelMessage, Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

afterEach(() => vi.restoreAllMocks())

const pair = async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  await clock.advance(1_000)
  const ask = (data: unknown, timeoutMs = 5_000) => {
    const settled: unknown[] = []
    ann
      .channel<unknown>('work')
      .send(data, { ack: true, timeoutMs, to: ben.self.id })
      .then(
        () => settled.push('handled'),
        (error) => settled.push(error.code),
      )
    return settled
  }
  return { clock, ann, ben, ask }
}

test('a channel whose listener was removed acknowledges nothing; the send waits for the next listener', async () => {
  const { clock, ben, ask } = await pair()
  const off = ben.channel('work').on('message', () => {})
  off()
  const settled = ask(1)
  await clock.advance(1_000)
  expect(settled).toEqual([])
  const received: unknown[] = []
  ben.channel('work').on('message', ({ data }) => received.push(data))
  await clock.advance(1_000)
  expect([settled, received]).toEqual([['handled'], [1]])
})

test('a listener removed by its signal acknowledges nothing, and the send fails at its limit', async () => {
  const { clock, ben, ask } = await pair()
  const stop = new AbortController()
  ben.channel('work').on('message', () => {}, { signal: stop.signal })
  stop.abort()
  const settled = ask(1)
  await clock.advance(4_999)
  expect(settled).toEqual([])
  await clock.advance(1)
  expect(settled).toEqual(['timeout'])
})

test('a message that is dropped because nobody listens is not acknowledged but fails', async () => {
  const { clock, ask } = await pair()
  const first = ask('x'.repeat(2 ** 20), 60_000)
  const second = ask('y'.repeat(2 ** 20), 60_000)
  const third = ask('z'.repeat(2 ** 20), 60_000)
  await clock.advance(5_000)
  expect([first, second, third]).toEqual([['no-handler'], ['no-handler'], []])
})

const failing: readonly (readonly [string, (message: ChannelMessage<unknown>) => void])[] = [
  [
    'throws',
    () => {
      throw new Error('mine')
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
]

for (const [what, listener] of failing) {
  test(`a listener that ${what} fails the acknowledgement with handler-failed, and is reported here`, async () => {
    const report = vi.spyOn(console, 'error').mockReturnValue()
    const { clock, ben, ask } = await pair()
    ben.channel<unknown>('work').on('message', listener)
    const settled = ask(1)
    await clock.advance(1_000)
    expect(settled).toEqual(['handler-failed'])
    expect(report).toHaveBeenCalledExactlyOnceWith(new Error('mine'))
  })
}

test('an asynchronous listener has handled a message when its promise resolves', async () => {
  const { clock, ben, ask } = await pair()
  let finish = () => {}
  ben.channel<unknown>('work').on(
    'message',
    () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  )
  const settled = ask(1)
  await clock.advance(1_000)
  expect(settled).toEqual([])
  finish()
  await clock.advance(1_000)
  expect(settled).toEqual(['handled'])
})
