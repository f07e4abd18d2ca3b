import { expect, test } from 'vitest'
import type { Room } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

/** A file that is deleted or changed on disk after so many of its bytes were read. */
class UnreadableBlob extends Blob {
  readonly #readableBytes: number

  constructor(size: number, readableBytes: number) {
    super([new Uint8Array(size)])
    this.#readableBytes = readableBytes
  }

  override slice(start = 0, end = this.size, type?: string): Blob {
    const part = super.slice(start, end, type)
    const { size } = part
    const isReadable = start + size <= this.#readableBytes
    part.arrayBuffer = async () => {
      if (isReadable) return new ArrayBuffer(size)
      throw new DOMException('it has changed on disk', 'NotReadableError')
    }
    return part
  }
}

const mebibyte = 2 ** 20

const unreadable: readonly (readonly [string, () => Blob])[] = [
  ['without any readable bytes', () => new UnreadableBlob(300_000, 0)],
  ['that becomes unreadable midway', () => new UnreadableBlob(8 * mebibyte, 3 * mebibyte)],
]

for (const [what, blob] of unreadable) {
  test(`a send of a Blob ${what} rejects, and its channel continues`, async () => {
    const { clock, gather } = fakeWorld()
    const [ann, ben, cid] = (await gather(['ann', 'ben', 'cid'])) as [Room, Room, Room]
    const received: unknown[][] = [ben, cid].map((room) => {
      const list: unknown[] = []
      room.channel<unknown>('x').on('message', ({ data }) => list.push(data))
      return list
    })
    const channel = ann.channel<string | Blob>('x')
    const sent = Promise.allSettled([
      channel.send('before'),
      channel.send(blob()),
      channel.send(blob(), { ack: true }),
      channel.send('after', { ack: true }),
    ])
    await clock.until(() => received.every((list) => list.length === 2))
    await clock.advance(1_000)
    const failed = new Map([ben, cid].map(({ self }) => [self.id, 'bad-argument']))
    const rejected = {
      status: 'rejected',
      reason: { name: 'SkeinError', code: 'bad-argument', cause: { reached: [], failed } },
    }
    const done = { status: 'fulfilled' }
    expect(await sent).toMatchObject([done, rejected, rejected, done])
    expect(received).toEqual([
      ['before', 'after'],
      ['before', 'after'],
    ])
    expect(ann.peers.get(ben.self.id)?.link?.state).toBe('open')
  })
}

test('a send of an unreadable Blob to the host rejects, and later messages arrive', async () => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const received: unknown[] = []
  ann.channel<unknown>('x').on('message', ({ data }) => received.push(data))
  const channel = ben.channel<string | Blob>('x')
  const sent = Promise.allSettled([
    channel.send(new UnreadableBlob(5_000, 0), { to: 'host' }),
    channel.send('after', { to: 'host' }),
  ])
  await clock.until(() => received.length > 0)
  expect(await sent).toMatchObject([{ reason: { code: 'bad-argument' } }, { status: 'fulfilled' }])
  expect(received).toEqual(['after'])
})
